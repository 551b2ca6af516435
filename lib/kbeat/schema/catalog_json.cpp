// Looks event types up and applies their schemas.
#include "kbeat/schema/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/schema/builtin_schemas.hpp"

namespace kbeat::schema {
namespace {

EventType builtin_type(const BuiltinSchema& builtin) {
  const auto schema = nlohmann::json::parse(builtin.text);
  return {.name = std::string(builtin.name),
          .type = schema.at("x-kbeat").at("type"),
          .topics = schema.at("x-kbeat").at("topics"),
          .title = schema.at("title"),
          .text = std::string(builtin.text)};
}

bool fits(const EventType& type, std::string_view topic, const Event& event) {
  const bool topic_fits = type.topics.empty() || topic.empty() ||
                          std::find(type.topics.begin(), type.topics.end(), topic) != type.topics.end();
  if (!topic_fits) return false;
  // Without a topic nothing else says what an event is.
  return type.type.empty() ? !topic.empty() : type.type == event.type;
}

}  // namespace

Catalog::Catalog() {
  for (const BuiltinSchema& builtin : builtin_schemas()) m_types.push_back(builtin_type(builtin));
}

Catalog::~Catalog() = default;

void Catalog::add(EventType type) {
  m_validators[type.name] = compile_schema(type.text, type.source);
  const bool taken = std::any_of(m_types.begin(), m_types.begin() + static_cast<std::ptrdiff_t>(m_own),
                                 [&type](const EventType& other) { return other.name == type.name; });
  if (taken)
    throw Error(ErrorCode::configuration, fmt::format("schema {}: there are two of that name", type.name));
  std::erase_if(m_types, [&type](const EventType& other) { return other.name == type.name; });
  m_types.insert(m_types.begin() + static_cast<std::ptrdiff_t>(m_own), std::move(type));
  ++m_own;
}

const EventType* Catalog::find(std::string_view name) const {
  for (const auto field : {&EventType::name, &EventType::type}) {
    const auto found = std::find_if(m_types.begin(), m_types.end(),
                                    [&](const EventType& type) { return type.*field == name; });
    if (found != m_types.end() && !name.empty()) return &*found;
  }
  return nullptr;
}

const EventType* Catalog::find(std::string_view topic, const Event& event) const {
  const auto found = std::find_if(m_types.begin(), m_types.end(),
                                  [&](const EventType& type) { return fits(type, topic, event); });
  return found == m_types.end() ? nullptr : &*found;
}

Checked Catalog::check(const EventType& type, const Event& event) const {
  Checked checked{.verdict = Verdict::valid, .name = type.name, .faults = validator(type).faults(event.body)};
  if (!checked.faults.empty()) checked.verdict = Verdict::invalid;
  return checked;
}

Checked Catalog::check(std::string_view topic, const Event& event) const {
  const EventType* const type = find(topic, event);
  return type == nullptr ? Checked() : check(*type, event);
}

Checked Catalog::check_own(std::string_view topic, const Event& event) const {
  const auto end = m_types.begin() + static_cast<std::ptrdiff_t>(m_own);
  const auto found =
      std::find_if(m_types.begin(), end, [&](const EventType& type) { return fits(type, topic, event); });
  return found == end ? Checked() : check(*found, event);
}

const Validator& Catalog::validator(const EventType& type) const {
  const std::scoped_lock lock(m_mutex);
  std::unique_ptr<Validator>& ready = m_validators[type.name];
  if (!ready) ready = compile_schema(type.text, type.name);
  return *ready;
}

}  // namespace kbeat::schema
