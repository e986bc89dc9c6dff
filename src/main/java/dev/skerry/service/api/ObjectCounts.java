package dev.skerry.service.api;

import dev.skerry.control.Reply;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** What a sentry keeps, by kind. */
@Schema(name = "ObjectCounts", description = "What a sandbox's sentry keeps for its guests.")
public record ObjectCounts(
    @Schema(
            description =
                "By kind. Names that end in Bytes stand for memory; kinds may be added in later versions.",
            examples = "{\"tasks\": 3, \"files\": 12, \"heapBytes\": 20971520}")
        Map<String, Long> counts) {
  static ObjectCounts of(List<Reply.ObjectCount> rows) {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (Reply.ObjectCount row : rows) {
      counts.put(row.name(), row.count());
    }
    return new ObjectCounts(counts);
  }
}
