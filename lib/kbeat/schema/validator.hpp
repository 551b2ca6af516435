// JSON Schema: a schema made ready once, then asked about any number of documents.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kbeat::schema {

/// Safe to call from several threads.
class Validator {
 public:
  Validator() = default;
  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;
  virtual ~Validator() = default;

  /// What is wrong with `json` (valid JSON within the depth limit), each with the place: `/items/0: …`. Empty
  /// when it fits.
  [[nodiscard]] virtual std::vector<std::string> faults(std::string_view json) const = 0;
};

/// JSON Schema up to draft 7. Strings under a `pattern` may have 4096 bytes. The library behind it is loaded
/// by the first call. Throws Error{configuration} naming `what` for a schema that is wrong, that refers to
/// another document or to itself without end, or that uses keywords of a newer draft.
[[nodiscard]] std::unique_ptr<Validator> compile_schema(std::string_view text, const std::string& what);

}  // namespace kbeat::schema
