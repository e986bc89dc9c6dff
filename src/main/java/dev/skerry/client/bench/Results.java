package dev.skerry.client.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skerry.client.api.ServiceClient;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Samples by row and contender; a figure is their median. */
final class Results {
  /** Also the order of the columns. */
  static final List<String> CONTENDERS = List.of("native", "runc", "runsc", "skerry");

  private record Row(String unit, Map<String, List<Double>> samples) {}

  private record Failure(String row, String contender, String reason) {}

  private final Map<String, Row> rows = new LinkedHashMap<>();
  private final List<Failure> failures = new ArrayList<>();

  void add(String row, String unit, String contender, double sample) {
    rows.computeIfAbsent(row, name -> new Row(unit, new LinkedHashMap<>()))
        .samples()
        .computeIfAbsent(contender, name -> new ArrayList<>())
        .add(sample);
  }

  /** A contender that cannot run a row. */
  void fail(String row, String contender, String reason) {
    failures.add(new Failure(row, contender, reason));
  }

  void print(PrintStream out) {
    out.printf("%-22s %5s", "row", "unit");
    for (String contender : CONTENDERS) {
      out.printf(" %11s", contender);
    }
    out.printf(" %9s %9s%n", "/native", "/runsc");
    for (Map.Entry<String, Row> entry : rows.entrySet()) {
      Row row = entry.getValue();
      out.printf("%-22s %5s", entry.getKey(), row.unit());
      for (String contender : CONTENDERS) {
        boolean cannot =
            row.samples().get(contender) == null && hasFailed(entry.getKey(), contender);
        out.printf(" %11s", cannot ? "fails" : figure(median(row, contender)));
      }
      Double own = median(row, "skerry");
      out.printf(" %9s %9s%n", ratio(own, median(row, "native")), ratio(own, median(row, "runsc")));
    }
    for (Failure failure : failures) {
      out.printf("%s, %s: %s%n", failure.row(), failure.contender(), failure.reason());
    }
  }

  boolean hasFailed(String row, String contender) {
    return failures.stream()
        .anyMatch(failure -> failure.row().equals(row) && failure.contender().equals(contender));
  }

  ObjectNode json() {
    ObjectNode all = ServiceClient.JSON.createObjectNode();
    ArrayNode list = all.putArray("rows");
    for (Map.Entry<String, Row> entry : rows.entrySet()) {
      ObjectNode node = list.addObject();
      node.put("name", entry.getKey()).put("unit", entry.getValue().unit());
      for (String contender : CONTENDERS) {
        node.put(contender, median(entry.getValue(), contender));
      }
    }
    if (!failures.isEmpty()) {
      ArrayNode failed = all.putArray("failures");
      for (Failure failure : failures) {
        failed
            .addObject()
            .put("row", failure.row())
            .put("contender", failure.contender())
            .put("reason", failure.reason());
      }
    }
    return all;
  }

  private static @Nullable Double median(Row row, String contender) {
    List<Double> samples = row.samples().get(contender);
    if (samples == null) {
      return null;
    }
    List<Double> sorted = new ArrayList<>(samples);
    Collections.sort(sorted);
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  private static String figure(@Nullable Double value) {
    if (value == null) {
      return "-";
    }
    return String.format(Locale.ROOT, value < 10 ? "%.3f" : "%.1f", value);
  }

  private static String ratio(@Nullable Double value, @Nullable Double base) {
    return value == null || base == null || base == 0
        ? "-"
        : String.format(Locale.ROOT, "%.2f", value / base);
  }
}
