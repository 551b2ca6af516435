// The validator on valijson, alone in a shared object of its own.
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "kbeat/base/error.hpp"
#include "kbeat/schema/schema_plugin.hpp"
#include "kbeat/schema/schema_rules_json.hpp"

namespace kbeat::schema {
namespace {

using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

constexpr std::size_t k_most_faults = 8;
/// Follows each fault of a field and says nothing new.
constexpr std::string_view k_echo = "Failed to validate against schema associated with property name";

/// `/items/0`, from valijson's `<root>`, `[items]`, `[0]`.
std::string pointer_of(const std::vector<std::string>& context) {
  std::string pointer;
  for (const std::string& step : context) {
    if (step.size() > 2 && step.front() == '[') pointer += "/" + step.substr(1, step.size() - 2);
  }
  return pointer.empty() ? "/" : pointer;
}

/// Keys are matched against patternProperties by a matcher that recurses, as patterns are.
bool has_long_key(const json& value) {
  if (!value.is_structured()) return false;
  for (const auto& [key, inner] : value.items()) {
    if (key.size() > k_longest_matched || has_long_key(inner)) return true;
  }
  return false;
}

/// Since draft 6 a number without a fraction, such as 1.0 or 1e2, is an integer; the library goes by how it
/// was written. What does not fit 64 bits stays as it is.
void make_integers(json& value) {
  constexpr double k_bound = 9223372036854775808.0;
  if (value.is_structured()) {
    for (json& inner : value) make_integers(inner);
  } else if (value.is_number_float()) {
    const double number = value.get<double>();
    if (number >= -k_bound && number < k_bound && std::trunc(number) == number)
      value = static_cast<std::int64_t>(number);
  }
}

class ValijsonValidator final : public Validator {
 public:
  ValijsonValidator(std::string_view text, const std::string& what) {
    try {
      const json schema = json::parse(bounded_schema(text));
      valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(schema), m_schema);
    } catch (const std::exception& error) {
      throw Error(ErrorCode::configuration, fmt::format("schema {}: {}", what, error.what()));
    }
  }

  std::vector<std::string> faults(std::string_view text) const override {
    thread_local valijson::Validator validator(valijson::Validator::kStrongTypes);
    json document = json::parse(text, nullptr, false);
    if (document.is_discarded()) return {"it is not JSON"};
    if (has_long_key(document))
      return {fmt::format("a field's name is longer than {} bytes", k_longest_matched)};
    make_integers(document);
    valijson::ValidationResults results;
    try {
      if (validator.validate(m_schema, Adapter(document), &results)) return {};
    } catch (const std::exception& error) {
      return {fmt::format("the schema cannot be applied: {}", error.what())};
    }
    std::vector<std::string> faults;
    valijson::ValidationResults::Error error;
    while (faults.size() < k_most_faults && results.popError(error)) {
      if (error.description.starts_with(k_echo)) continue;
      faults.push_back(fmt::format("{}: {}", pointer_of(error.context), error.description));
    }
    if (faults.empty()) faults.emplace_back("/: does not fit the schema");
    return faults;
  }

 private:
  valijson::Schema m_schema;
};

}  // namespace
}  // namespace kbeat::schema

extern "C" kbeat::schema::Validator* kbeat_compile_schema(std::string_view text, const std::string& what) {
  return new kbeat::schema::ValijsonValidator(text, what);
}
