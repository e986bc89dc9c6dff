package dev.skerry.sentry.fs.tty;

import dev.skerry.abi.Errno;
import dev.skerry.sentry.ErrnoException;
import dev.skerry.sentry.vfs.DirectoryEntry;
import dev.skerry.sentry.vfs.Inode;
import dev.skerry.sentry.vfs.synthetic.GeneratedDirectory;
import dev.skerry.sentry.vfs.synthetic.GeneratedFileSystem;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** /dev/pts: the terminals of the sandbox by their numbers, and ptmx, which makes new ones. */
public final class DevptsFileSystem extends GeneratedFileSystem {
  private static final long DEVPTS_SUPER_MAGIC = 0x1cd1;
  private static final int USUAL_MODE = 0600;
  private static final int NUMBER_DIGITS = 7;

  private final Terminals terminals;
  private final Root root;
  private final String options;

  /**
   * @param options of mount(2): gid, mode, ptmxmode, newinstance; numbers in octal but gid
   * @throws ErrnoException EINVAL for any other option
   */
  public DevptsFileSystem(Terminals terminals, String options) throws ErrnoException {
    super(
        "devpts",
        DEVPTS_SUPER_MAGIC,
        Terminals.DEVPTS_DEVICE,
        terminals.kernel().clock().realtime());
    this.terminals = terminals;
    int gid = -1;
    int mode = USUAL_MODE;
    int ptmxMode = 0;
    for (String option : options.split(",")) {
      int equals = option.indexOf('=');
      String key = equals < 0 ? option : option.substring(0, equals);
      String value = equals < 0 ? "" : option.substring(equals + 1);
      switch (key) {
        case "", "newinstance" -> {}
        case "gid" -> gid = number(value, 10, Integer.MAX_VALUE);
        case "mode" -> mode = number(value, 8, 0777);
        case "ptmxmode" -> ptmxMode = number(value, 8, 0777);
        case "max" -> number(value, 10, Integer.MAX_VALUE);
        default -> throw ErrnoException.of(Errno.EINVAL);
      }
    }
    terminals.setNewAttributes(mode, gid);
    this.root = new Root(new PtmxInode(this, ptmxMode));
    this.options =
        (gid < 0 ? "" : ",gid=" + gid) + ",mode=" + octal(mode) + ",ptmxmode=" + octal(ptmxMode);
  }

  Terminals terminals() {
    return terminals;
  }

  private static int number(String text, int radix, int most) throws ErrnoException {
    try {
      int number = Integer.parseInt(text, radix);
      if (number >= 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    throw ErrnoException.of(Errno.EINVAL);
  }

  private static String octal(int mode) {
    String digits = Integer.toOctalString(mode);
    return "000".substring(Math.min(digits.length(), 3)) + digits;
  }

  @Override
  public Inode root() {
    return root;
  }

  @Override
  public boolean cachesNames() {
    return false;
  }

  @Override
  public String source() {
    return "devpts";
  }

  @Override
  public String options() {
    return options;
  }

  private final class Root extends GeneratedDirectory {
    private final PtmxInode ptmx;

    Root(PtmxInode ptmx) {
      super(DevptsFileSystem.this, ROOT_NUMBER, 0755);
      this.ptmx = ptmx;
    }

    @Override
    public @Nullable Inode lookup(String name) {
      if (name.equals("ptmx")) {
        return ptmx;
      }
      int number = terminalNumber(name);
      return number < 0 ? null : SlaveInode.find(DevptsFileSystem.this, terminals, number);
    }

    /** The number that the name is, written as this file system writes it, or -1. */
    private static int terminalNumber(String name) {
      if (name.isEmpty()
          || name.length() > NUMBER_DIGITS
          || (name.charAt(0) == '0' && name.length() > 1)) {
        return -1;
      }
      int number = 0;
      for (int i = 0; i < name.length(); i++) {
        int digit = name.charAt(i) - '0';
        if (digit < 0 || digit > 9) {
          return -1;
        }
        number = 10 * number + digit;
      }
      return number;
    }

    @Override
    public List<DirectoryEntry> entries() {
      List<DirectoryEntry> list = new ArrayList<>();
      for (int number : terminals.numbers()) {
        list.add(entry(Integer.toString(number), number + (long) Terminals.FIRST_INODE, S_IFCHR));
      }
      list.add(entry("ptmx", PtmxInode.NUMBER, S_IFCHR));
      return list;
    }
  }
}
