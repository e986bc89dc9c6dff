package dev.skerry.sentry.mm;

/** Memory that several address spaces may have attached (shmat(2)). */
public interface SharedMemory {
  /** In bytes. */
  long size();
}
