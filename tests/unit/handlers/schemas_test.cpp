// The JSON Schemas in samples/ and the handlers agree: each example is accepted, each lack refused.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "handler_bench.hpp"
#include "kbeat/handlers/metric_columns.hpp"

using namespace kbeat;
using nlohmann::json;
using test::HandlerBench;
using test::told;

namespace {

const std::filesystem::path k_schemas =
    std::filesystem::path(KBEAT_TEST_DATA).parent_path().parent_path() / "samples/schemas";

json read(const std::filesystem::path& file) {
  return json::parse(std::ifstream(file));
}

/// The event as its producer would send it: in an envelope when it has a type of its own, else bare.
Outcome handle(HandlerBench& bench, const json& schema, const json& body) {
  const std::string topic = schema["x-kbeat"]["topics"][0];
  const std::string type = schema["x-kbeat"]["type"];
  const bool bare = type.empty() || body.contains("event_type") || topic == "quiz-events";
  return bare ? bench.handle(topic, body.dump()) : bench.handle(topic, type, body.dump());
}

}  // namespace

TEST_CASE("the handlers accept every schema's example and refuse it without a required field", "[handlers]") {
  std::set<std::string> topics;
  for (const auto& file : std::filesystem::directory_iterator(k_schemas)) {
    INFO(file.path());
    const json schema = read(file.path());
    topics.insert(schema["x-kbeat"]["topics"].begin(), schema["x-kbeat"]["topics"].end());
    const json example = schema["examples"][0];
    HandlerBench bench;
    CHECK(told(handle(bench, schema, example)) == "done");
    for (const std::string field : schema.value("required", json::array())) {
      INFO(field);
      json lacking = example;
      lacking.erase(field);
      CHECK_THAT(told(handle(bench, schema, lacking)), Catch::StartsWith("reject schema: "));
    }
  }
  CHECK(topics.size() == 10);
}

TEST_CASE("the schemas know exactly the core metrics that have a column", "[handlers]") {
  const json properties = read(k_schemas / "METRIC_CALCULATED.json")["properties"];
  std::size_t columns = 0;
  for (const auto& [name, property] : properties.items()) {
    const auto kind = handlers::metric_column(name);
    if (!kind) continue;
    ++columns;
    const std::string type = property["type"][0];
    CHECK_THAT(std::string(handlers::name_of(*kind)), Catch::EndsWith(type));
  }
  CHECK(columns == 33);
}
