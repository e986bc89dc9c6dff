package dev.skerry.sentry.fs.tty;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The settings of a terminal (termios(3), include/uapi/asm-generic/termbits.h). Immutable. */
public final class Termios {
  static final int ISTRIP = 0x20;
  static final int INLCR = 0x40;
  static final int IGNCR = 0x80;
  static final int ICRNL = 0x100;
  static final int IUCLC = 0x200;
  static final int IXON = 0x400;
  static final int IXANY = 0x800;
  static final int IMAXBEL = 0x2000;
  static final int IUTF8 = 0x4000;

  static final int OPOST = 0x1;
  static final int OLCUC = 0x2;
  static final int ONLCR = 0x4;
  static final int OCRNL = 0x8;
  static final int ONOCR = 0x10;
  static final int ONLRET = 0x20;
  static final int TABDLY = 0x1800;
  static final int XTABS = 0x1800;

  static final int ISIG = 0x1;
  static final int ICANON = 0x2;
  static final int ECHO = 0x8;
  static final int ECHOE = 0x10;
  static final int ECHOK = 0x20;
  static final int ECHONL = 0x40;
  static final int NOFLSH = 0x80;
  static final int TOSTOP = 0x100;
  static final int ECHOCTL = 0x200;
  static final int ECHOKE = 0x800;
  static final int IEXTEN = 0x8000;

  static final int VINTR = 0;
  static final int VQUIT = 1;
  static final int VERASE = 2;
  static final int VKILL = 3;
  static final int VEOF = 4;
  static final int VTIME = 5;
  static final int VMIN = 6;
  static final int VSTART = 8;
  static final int VSTOP = 9;
  static final int VSUSP = 10;
  static final int VEOL = 11;
  static final int VREPRINT = 12;
  static final int VWERASE = 14;
  static final int VLNEXT = 15;
  static final int VEOL2 = 16;

  /** sizeof(struct termios) as TCGETS takes it. */
  static final int SIZE = 36;

  /** sizeof(struct termios2). */
  static final int SIZE2 = 44;

  private static final int CHARACTERS = 19;
  private static final int CHARACTERS_OFFSET = 17;
  private static final int B38400 = 0xf;
  private static final int CS8_CREAD = 0xb0;
  private static final int SPEED = 38400;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  /** What a terminal begins with (tty_std_termios of drivers/tty/tty_io.c). */
  static final Termios INITIAL = initial();

  private final byte[] bytes;

  private Termios(byte[] bytes) {
    this.bytes = bytes;
  }

  private static Termios initial() {
    byte[] bytes = new byte[SIZE2];
    INT.set(bytes, 0, ICRNL | IXON);
    INT.set(bytes, 4, OPOST | ONLCR);
    INT.set(bytes, 8, B38400 | CS8_CREAD);
    INT.set(bytes, 12, ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN);
    byte[] characters = {3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0};
    System.arraycopy(characters, 0, bytes, CHARACTERS_OFFSET, CHARACTERS);
    INT.set(bytes, SIZE, SPEED);
    INT.set(bytes, SIZE + 4, SPEED);
    return new Termios(bytes);
  }

  /** These settings with those that the struct has, which is as long as what it holds. */
  Termios with(byte[] struct) {
    byte[] merged = bytes.clone();
    System.arraycopy(struct, 0, merged, 0, struct.length);
    return new Termios(merged);
  }

  /** The first bytes of the struct. */
  byte[] encode(int size) {
    return Arrays.copyOf(bytes, size);
  }

  /**
   * The old struct termio (TCGETA): 16-bit flags and eight characters.
   *
   * @return 18 bytes
   */
  byte[] encodeOld() {
    byte[] old = new byte[18];
    for (int flag = 0; flag < 4; flag++) {
      old[2 * flag] = bytes[4 * flag];
      old[2 * flag + 1] = bytes[4 * flag + 1];
    }
    System.arraycopy(bytes, 16, old, 8, 9);
    return old;
  }

  /** These settings with those of an old struct termio. */
  Termios withOld(byte[] old) {
    byte[] merged = bytes.clone();
    for (int flag = 0; flag < 4; flag++) {
      merged[4 * flag] = old[2 * flag];
      merged[4 * flag + 1] = old[2 * flag + 1];
    }
    System.arraycopy(old, 8, merged, 16, 9);
    return new Termios(merged);
  }

  boolean input(int flag) {
    return ((int) INT.get(bytes, 0) & flag) != 0;
  }

  boolean output(int flag) {
    return ((int) INT.get(bytes, 4) & flag) != 0;
  }

  boolean expandsTabs() {
    return ((int) INT.get(bytes, 4) & TABDLY) == XTABS;
  }

  boolean local(int flag) {
    return ((int) INT.get(bytes, 12) & flag) != 0;
  }

  /** A control character's value, or a setting kept among them, as an unsigned number. */
  int character(int index) {
    return Byte.toUnsignedInt(bytes[CHARACTERS_OFFSET + index]);
  }

  /** Whether the byte is that control character, which 0 switches off. */
  boolean is(int value, int index) {
    int character = character(index);
    return character != 0 && character == value;
  }
}
