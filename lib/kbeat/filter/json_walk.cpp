// Walks with simdjson on demand: what lies off the path is passed over unread.
#include "kbeat/filter/json_walk.hpp"

#include <simdjson.h>

#include <algorithm>
#include <span>

#include "kbeat/model/event.hpp"

namespace kbeat::filter {
namespace {

namespace od = simdjson::ondemand;

struct Compound {};  // an array or object: equal to no literal

/// What a path leads to, compared by value.
using Found = std::variant<Compound, std::nullptr_t, bool, Number, std::string_view>;

std::string_view trimmed(std::string_view token) {
  return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
}

std::string_view token_of(od::value& value) {
  return trimmed(value.raw_json_token());
}

std::string_view token_of(od::document& document) {
  std::string_view token;
  return document.raw_json_token().get(token) == simdjson::SUCCESS ? trimmed(token) : std::string_view();
}

bool equals(const Found& found, const Literal& literal) {
  if (const auto* text = std::get_if<std::string_view>(&found)) {
    const auto* wanted = std::get_if<std::string>(&literal);
    return wanted != nullptr && *text == *wanted;
  }
  if (const auto* number = std::get_if<Number>(&found)) {
    const auto* wanted = std::get_if<Number>(&literal);
    return wanted != nullptr && compare(*number, *wanted) == 0;
  }
  if (const auto* flag = std::get_if<bool>(&found)) {
    const auto* wanted = std::get_if<bool>(&literal);
    return wanted != nullptr && *flag == *wanted;
  }
  return std::holds_alternative<std::nullptr_t>(found) && std::holds_alternative<std::nullptr_t>(literal);
}

/// Numbers among each other and texts among each other (by their bytes) have an order; nothing else has.
std::optional<int> order_of(const Found& found, const Literal& literal) {
  const auto* number = std::get_if<Number>(&found);
  const auto* limit = std::get_if<Number>(&literal);
  if (number != nullptr && limit != nullptr) return compare(*number, *limit);
  const auto* text = std::get_if<std::string_view>(&found);
  const auto* other = std::get_if<std::string>(&literal);
  if (text != nullptr && other != nullptr) return text->compare(*other);
  return std::nullopt;
}

bool satisfies(const Found& found, const Comparison& comparison) {
  const auto equals_found = [&](const Literal& literal) { return equals(found, literal); };
  const auto& literals = comparison.literals;
  switch (comparison.op) {
    case Operator::exists: return true;
    case Operator::like: {
      const auto* text = std::get_if<std::string_view>(&found);
      return text != nullptr && comparison.pattern->found_in(*text);
    }
    case Operator::equal:
    case Operator::unequal:  // the opposite is taken outside
    case Operator::in: return std::any_of(literals.begin(), literals.end(), equals_found);
    default: break;
  }
  const std::optional<int> order = order_of(found, literals.front());
  if (!order) return false;
  if (comparison.op == Operator::less) return *order < 0;
  if (comparison.op == Operator::less_equal) return *order <= 0;
  return comparison.op == Operator::greater ? *order > 0 : *order >= 0;
}

}  // namespace

struct JsonWalk::State {
  od::parser parser;
  std::string padded;
  od::document document;
  bool scalar = false;
  bool broken = false;

  template <typename Value>
  bool got(simdjson::simdjson_result<Value> result, Value& value) {
    const simdjson::error_code code = std::move(result).get(value);
    if (code == simdjson::SUCCESS) return true;
    broken = broken || code != simdjson::INCORRECT_TYPE;
    return false;
  }

  template <typename Json>
  bool reaches(Json& json, std::span<const Step> steps, const Comparison& comparison) {
    if (steps.empty()) return satisfies(read(json, comparison.op), comparison);
    od::json_type type{};
    if (!got(json.type(), type)) return false;
    const bool array = type == od::json_type::array;
    const Step::Kind kind = steps.front().kind;
    if (array && kind != Step::Kind::field) return in_array(json, steps, comparison);
    if (type == od::json_type::object && kind != Step::Kind::element)
      return in_object(json, steps, comparison);
    return false;
  }

  template <typename Json>
  bool in_array(Json& json, std::span<const Step> steps, const Comparison& comparison) {
    od::array array;
    if (!got(json.get_array(), array)) return false;
    std::size_t index = 0;
    for (auto each : array) {
      od::value value;
      if (!got(std::move(each), value)) return false;
      const bool wanted = steps.front().kind == Step::Kind::any || index++ == steps.front().index;
      if (!wanted) continue;
      if (reaches(value, steps.subspan(1), comparison)) return true;
      if (steps.front().kind == Step::Kind::element) return false;
    }
    return false;
  }

  template <typename Json>
  bool in_object(Json& json, std::span<const Step> steps, const Comparison& comparison) {
    od::object object;
    if (!got(json.get_object(), object)) return false;
    const bool any = steps.front().kind == Step::Kind::any;
    for (auto each : object) {
      od::field field;
      if (!got(std::move(each), field)) return false;
      if (!any && !is_named(field, steps.front().name)) continue;
      if (reaches(field.value(), steps.subspan(1), comparison)) return true;
      if (!any) return false;
    }
    return false;
  }

  bool is_named(od::field& field, std::string_view name) {
    const char* begin = field.key().raw();
    const auto room = static_cast<std::size_t>(padded.data() + padded.size() - begin);
    const std::string_view raw(begin, std::min(room, std::string_view(begin, room).find('"')));
    if (raw.find('\\') == std::string_view::npos) return raw == name;
    std::string_view key;
    return got(field.unescaped_key(), key) && key == name;
  }

  template <typename Json>
  Found read(Json& json, Operator op) {
    od::json_type type{};
    if (op == Operator::exists || !got(json.type(), type)) return Compound{};
    switch (type) {
      case od::json_type::string: {
        std::string_view string;
        return got(json.get_string(), string) ? Found(string) : Compound{};
      }
      case od::json_type::number: {
        const auto number = to_number(token_of(json));
        return number ? Found(*number) : Compound{};
      }
      case od::json_type::boolean: {
        bool flag = false;
        return got(json.get_bool(), flag) ? Found(flag) : Compound{};
      }
      case od::json_type::null: return token_of(json) == "null" ? Found(nullptr) : Compound{};
      default: return Compound{};
    }
  }
};

JsonWalk::JsonWalk() : m_state(std::make_unique<State>()) {}
JsonWalk::JsonWalk(JsonWalk&&) noexcept = default;
JsonWalk& JsonWalk::operator=(JsonWalk&&) noexcept = default;
JsonWalk::~JsonWalk() = default;

bool JsonWalk::open(std::string_view text) {
  State& state = *m_state;
  state.broken = false;
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  state.scalar = text[first] != '{' && text[first] != '[';
  if (state.scalar && !is_json(text)) return false;
  state.padded.assign(text);
  state.padded.append(simdjson::SIMDJSON_PADDING, '\0');
  const simdjson::padded_string_view padded(state.padded.data(), text.size(), state.padded.size());
  return state.parser.iterate(padded).get(state.document) == simdjson::SUCCESS;
}

bool JsonWalk::holds(const Comparison& comparison) {
  State& state = *m_state;
  if (state.broken) return false;
  state.document.rewind();
  bool reached = false;
  if (!state.scalar) {
    // As a value, so that the walk is compiled once.
    od::value root;
    reached = state.got(state.document.get_value(), root) && state.reaches(root, comparison.path, comparison);
  } else if (comparison.path.empty()) {
    reached = satisfies(state.read(state.document, comparison.op), comparison);
  }
  return reached != (comparison.op == Operator::unequal);
}

bool JsonWalk::is_sound() const {
  return !m_state->broken;
}

}  // namespace kbeat::filter
