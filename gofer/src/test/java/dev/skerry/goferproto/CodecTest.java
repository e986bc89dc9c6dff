package dev.skerry.goferproto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skerry.wire.MessageReader;
import dev.skerry.wire.WireException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CodecTest {
  private static final int ROUNDS = 200_000;

  private static final List<Request<?>> REQUESTS =
      List.of(
          new FileRequest.Attach(3),
          new FileRequest.Walk(1, true, List.of("usr", "\u00ff", "x".repeat(255))),
          new FileRequest.GetAttributes(7),
          new FileRequest.SetAttributes(7, 0644, 1, -1, Request.KEEP, 5, -5),
          new FileRequest.Open(true, 7, 8),
          new FileRequest.Find(1, List.of("usr", "\u00ff")),
          new FindTree(1, List.of("usr", "\u00ff"), 7, true),
          new NameRequest.Create(1, "a", 0600, 2, 3),
          new NameRequest.CreateTemporary(1, 0600, 2, 3),
          new NameRequest.MakeDirectory(1, "a", 0700, 2, 3),
          new NameRequest.MakeNode(1, "a", 010600, 2, 3),
          new NameRequest.MakeSymlink(1, "a", "../..//", 2, 3),
          new NameRequest.Link(1, "a", 9),
          new NameRequest.Unlink(1, "a", 9, false),
          new NameRequest.Rename(1, "a", 2, "b", 1),
          new FileRequest.ReadLink(7),
          new FileRequest.ReadDirectory(7, true),
          new FileRequest.GetFileSystem(7),
          new FileRequest.Sync(7),
          new FileRequest.GetXattr(7, "user.a"),
          new FileRequest.SetXattr(7, "user.a", new byte[] {1, 2}, 1),
          new FileRequest.RemoveXattr(7, "user.a"),
          new FileRequest.ListXattr(7),
          new FileRequest.Close(new int[] {1, -1}));

  private static byte[] encode(Request<?> request) {
    ByteBuffer buffer = ByteBuffer.allocate(Limits.MESSAGE);
    RequestCodec.encode(request, buffer);
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  private static Request<?> decode(byte[] message) throws WireException {
    return RequestCodec.decode(ByteBuffer.wrap(message));
  }

  @Test
  void requestsComeBackAsTheyWere() throws WireException {
    for (Request<?> request : REQUESTS) {
      assertArrayEquals(encode(request), encode(decode(encode(request))), request.toString());
    }
  }

  @Test
  void everyPrefixAndEveryExtensionIsRefused() {
    for (Request<?> request : REQUESTS) {
      byte[] whole = encode(request);
      for (int length = 0; length < whole.length; length++) {
        byte[] part = Arrays.copyOf(whole, length);
        assertThrows(WireException.class, () -> decode(part), request.toString());
      }
      byte[] longer = Arrays.copyOf(whole, whole.length + 1);
      assertThrows(WireException.class, () -> decode(longer), request.toString());
    }
  }

  @Test
  void namesThatLeadElsewhereAreRefused() {
    for (String name : List.of("", ".", "..", "a/b", "/", "a\0", "x".repeat(256))) {
      byte[] message = encode(new FileRequest.Walk(1, true, List.of(name)));
      assertThrows(WireException.class, () -> decode(message), name);
    }
  }

  @Test
  void randomBytesAreDecodedOrRefused() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      byte[] message = mutate(random);
      try {
        Request<?> request = decode(message);
        assertArrayEquals(message, encode(request), () -> "seed " + seed);
      } catch (WireException e) {
        assertTrue(e.getMessage() != null);
      }
    }
  }

  @Test
  void randomResponsesAreDecodedOrRefused() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < ROUNDS; i++) {
      byte[] message = new byte[random.nextInt(400)];
      random.nextBytes(message);
      Arrays.fill(message, 0, Math.min(4, message.length), (byte) 0);
      Request<?> request = REQUESTS.get(random.nextInt(REQUESTS.size()));
      try {
        MessageReader in = new MessageReader(ByteBuffer.wrap(message));
        assertEquals(0, ResponseCodec.decodeError(in));
        ResponseCodec.decodeFields(request, in);
      } catch (WireException e) {
        refused++;
      }
    }
    assertTrue(refused > 0, "seed " + seed);
  }

  private static final FindTree TREE = new FindTree(1, List.of("a", "b"), 9, true);

  private static TreeFile file(int listing, int entry, int mode, List<Entry> entries) {
    Attributes attributes = new Attributes(1, 2, mode, 1, 0, 0, 0, 3, 4096, 8, 1, 2, 3, 4);
    return new TreeFile(listing, entry, new Found(5, attributes), entries);
  }

  private static Response.Tree tree(TreeFile... files) throws WireException {
    ByteBuffer buffer = ByteBuffer.allocate(Limits.MESSAGE);
    ResponseCodec.encode(new Response.Tree(List.of(files)), buffer);
    MessageReader in = new MessageReader(buffer.flip());
    assertEquals(0, ResponseCodec.decodeError(in));
    return ResponseCodec.decodeFields(TREE, in);
  }

  private static void refused(TreeFile... files) {
    assertThrows(WireException.class, () -> tree(files));
  }

  @Test
  void treesTellOfNamesThatWereListed() throws WireException {
    List<Entry> names = List.of(new Entry("x", 7, 4), new Entry("y", 8, 8));
    TreeFile directory = file(0, 0, 040755, names);
    TreeFile[] files = {directory, file(1, 0, 040755, List.of()), file(1, 1, 0100644, null)};
    assertEquals(List.of(files), tree(files).files());
    refused();
    refused(file(0, 1, 040755, names));
    refused(file(1, 0, 040755, names));
    refused(file(0, 0, 0100644, names));
    refused(file(0, 0, 0120777, List.of()));
    refused(directory, file(2, 0, 0100644, null));
    refused(directory, file(1, 2, 0100644, null));
    refused(directory, file(1, -1, 0100644, null));
    refused(directory, file(-1, 0, 0100644, null));
    refused(directory, file(0, 2, 0100644, null));
    refused(file(0, 0, 040755, List.of(new Entry("..", 7, 4))));
    refused(file(0, 0, 040755, List.of(new Entry("a/b", 7, 4))));
  }

  @Test
  void aWalkThatFindsNothingOpensNothing() throws WireException {
    Found file = file(0, 0, 0100644, null).file();
    for (int stop : new int[] {0, 2}) {
      for (List<Found> files : List.of(List.of(file), List.<Found>of())) {
        ByteBuffer buffer = ByteBuffer.allocate(Limits.MESSAGE);
        ResponseCodec.encode(new Response.Walked(file.attributes(), files, stop, true), buffer);
        MessageReader in = new MessageReader(buffer.flip());
        assertEquals(0, ResponseCodec.decodeError(in));
        FileRequest.Walk request = new FileRequest.Walk(1, true, List.of("a"));
        if (stop == 0 && !files.isEmpty()) {
          assertEquals(1, ResponseCodec.decodeFields(request, in).descriptors());
        } else {
          assertThrows(WireException.class, () -> ResponseCodec.decodeFields(request, in));
        }
      }
    }
  }

  @Test
  void treesOfNothingOrTooMuchAreRefused() {
    for (FindTree request :
        List.of(
            new FindTree(1, List.of(), 1, true),
            new FindTree(1, List.of("a"), -1, true),
            new FindTree(1, List.of("a"), Limits.LISTINGS + 1, false))) {
      assertThrows(WireException.class, () -> decode(encode(request)));
    }
  }

  private static byte[] mutate(Random random) {
    if (random.nextInt(4) == 0) {
      byte[] message = new byte[random.nextInt(64)];
      random.nextBytes(message);
      return message;
    }
    byte[] message = encode(REQUESTS.get(random.nextInt(REQUESTS.size())));
    for (int changes = random.nextInt(4); changes > 0; changes--) {
      message[random.nextInt(message.length)] = (byte) random.nextInt();
    }
    return Arrays.copyOf(message, message.length + Math.max(0, random.nextInt(12) - 9));
  }
}
