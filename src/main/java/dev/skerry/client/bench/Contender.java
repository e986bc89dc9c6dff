package dev.skerry.client.bench;

import java.io.IOException;
import java.util.List;

/** Something that runs a program. */
interface Contender extends AutoCloseable {
  /** As in the table and the JSON file. */
  String name();

  /** Runs to the end. */
  Outcome run(List<String> command) throws IOException;

  /** Starts a program that does nothing for long. */
  Idle idle() throws IOException;

  @Override
  void close() throws IOException;

  /**
   * @param firstByteNanos from the request to the first byte of standard output; -1 without output
   * @param totalNanos from the request to the known exit status
   */
  record Outcome(int status, String output, long firstByteNanos, long totalNanos) {}

  /** A program at rest. */
  interface Idle extends AutoCloseable {
    /** Host processes; theirs, with all descendants', is the memory that counts. */
    List<Long> roots() throws IOException;

    @Override
    void close() throws IOException;
  }
}
