// The validator against the official test suite of JSON Schema, draft 7 (Debian's json-schema-test-suite).
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "kbeat/base/error.hpp"
#include "kbeat/schema/validator.hpp"

using namespace kbeat;
using nlohmann::json;

namespace {

const std::filesystem::path k_suite = "/usr/share/json-schema-test-suite/tests/draft7";

/// Documents of others are never fetched, so what refers to them is refused.
bool is_refused_by_design(const std::string& why) {
  return why.find("nothing else is fetched") != std::string::npos ||
         why.find("leads nowhere") != std::string::npos || why.find("refers to itself") != std::string::npos;
}

struct Tally {
  int agreed = 0;
  int refused = 0;
  std::set<std::string> disagreed;
};

void run_group(const json& group, Tally& tally) {
  std::unique_ptr<schema::Validator> validator;
  try {
    validator = schema::compile_schema(group["schema"].dump(), "suite");
  } catch (const Error& error) {
    const bool expected = is_refused_by_design(error.what());
    if (!expected) tally.disagreed.insert(group["description"].get<std::string>() + ": " + error.what());
    tally.refused += expected ? 1 : 0;
    return;
  }
  for (const json& test : group["tests"]) {
    const bool valid = validator->faults(test["data"].dump()).empty();
    if (valid == test["valid"]) {
      ++tally.agreed;
    } else {
      tally.disagreed.insert(group["description"].get<std::string>() + " / " +
                             test["description"].get<std::string>());
    }
  }
}

}  // namespace

TEST_CASE("the validator agrees with the JSON Schema test suite of draft 7", "[schema]") {
  REQUIRE(std::filesystem::exists(k_suite));
  Tally tally;
  for (const auto& file : std::filesystem::directory_iterator(k_suite)) {
    if (file.path().extension() != ".json") continue;
    for (const json& group : json::parse(std::ifstream(file.path()))) run_group(group, tally);
  }
  for (const std::string& name : tally.disagreed) UNSCOPED_INFO(name);
  CHECK(tally.agreed > 350);
  CHECK(tally.refused < 40);
  CHECK(tally.disagreed.empty());
}
