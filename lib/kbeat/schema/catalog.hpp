// Every event type that has a schema: kbeat's own, and the user's.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/model/event.hpp"
#include "kbeat/schema/validator.hpp"

namespace kbeat::schema {

/// A schema describes the event's body: its payload, its data, or the whole value.
struct EventType {
  std::string name;                 ///< what `events schema` calls it
  std::string type;                 ///< empty: any type of its topics
  std::vector<std::string> topics;  ///< empty: any topic
  std::string title;
  std::string source = "built-in";  ///< or the file
  std::string text;                 ///< the schema
};

enum class Verdict { valid, invalid, unknown };

struct Checked {
  Verdict verdict = Verdict::unknown;
  std::string name;                 ///< of the type that was applied
  std::vector<std::string> faults;  ///< when it is invalid
};

/// Safe to call from several threads once it is filled; schemas are made ready when they are first needed.
class Catalog {
 public:
  /// Holds kbeat's own types.
  Catalog();
  ~Catalog();

  /// A type of the user's, before all others. Throws Error{configuration} for a schema that is wrong.
  void add(EventType type);

  [[nodiscard]] const std::vector<EventType>& types() const { return m_types; }
  /// By name, else by type; null when there is none.
  [[nodiscard]] const EventType* find(std::string_view name) const;
  /// The type that an event of this topic has; an empty topic leaves it to the event's type alone.
  [[nodiscard]] const EventType* find(std::string_view topic, const Event& event) const;

  [[nodiscard]] Checked check(const EventType& type, const Event& event) const;
  /// By the event's topic and type.
  [[nodiscard]] Checked check(std::string_view topic, const Event& event) const;
  /// Only by types of the user's: kbeat's handlers check their own fields faster.
  [[nodiscard]] Checked check_own(std::string_view topic, const Event& event) const;

 private:
  [[nodiscard]] const Validator& validator(const EventType& type) const;

  std::vector<EventType> m_types;
  mutable std::mutex m_mutex;  ///< guards m_validators
  mutable std::map<std::string, std::unique_ptr<Validator>, std::less<>> m_validators;
  std::size_t m_own = 0;  ///< so many of the types are the user's
};

}  // namespace kbeat::schema
