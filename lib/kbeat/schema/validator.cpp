// Loads the validating library on first use.
#include "kbeat/schema/validator.hpp"

#include "kbeat/base/plugin.hpp"
#include "kbeat/schema/schema_plugin.hpp"

namespace kbeat::schema {

std::unique_ptr<Validator> compile_schema(std::string_view text, const std::string& what) {
  static auto* const compile = plugin_function<CompileSchema>("schema", k_compile_schema);
  return std::unique_ptr<Validator>(compile(text, what));
}

}  // namespace kbeat::schema
