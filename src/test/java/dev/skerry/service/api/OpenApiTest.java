package dev.skerry.service.api;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.skerry.service.config.DataDirectory;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

@QuarkusTest
class OpenApiTest {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  @Inject DataDirectory data;

  @Test
  void theCommittedDescriptionIsTheOneThatIsServed() throws IOException {
    String served =
        given()
            .header("Authorization", "Bearer " + Files.readString(data.token()).strip())
            .get("/q/openapi?format=yaml")
            .then()
            .statusCode(200)
            .extract()
            .asString();
    JsonNode committed = YAML.readTree(Files.readString(Path.of("openapi.yaml")));
    assertEquals(
        committed,
        YAML.readTree(served),
        "openapi.yaml is stale; refresh it with: ./skerry openapi");
  }
}
