package dev.skerry.conformance;

import java.util.ArrayList;
import java.util.List;

/** The lines that two texts do not share, as a unified difference without context. */
final class LineDiff {
  private LineDiff() {}

  /**
   * Empty when they are equal; a line of the first alone begins with "-", of the second with "+".
   */
  static String of(String expected, String actual) {
    List<String> first = expected.lines().toList();
    List<String> second = actual.lines().toList();
    int[][] common = new int[first.size() + 1][second.size() + 1];
    for (int i = first.size() - 1; i >= 0; i--) {
      for (int j = second.size() - 1; j >= 0; j--) {
        common[i][j] =
            first.get(i).equals(second.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    List<String> lines = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < first.size() || j < second.size()) {
      if (i < first.size() && j < second.size() && first.get(i).equals(second.get(j))) {
        i++;
        j++;
      } else if (j == second.size() || (i < first.size() && common[i + 1][j] >= common[i][j + 1])) {
        lines.add("-" + first.get(i++));
      } else {
        lines.add("+" + second.get(j++));
      }
    }
    return String.join("\n", lines);
  }
}
