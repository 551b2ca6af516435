// Fills the catalogue from the settings.
#include "event_catalog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kbeat/base/error.hpp"
#include "kbeat/config/config_file.hpp"

namespace kbeat::app {

std::shared_ptr<const schema::Catalog> open_catalog(const config::Settings& settings) {
  constexpr std::size_t k_longest_schema = 1u << 20;
  auto catalog = std::make_shared<schema::Catalog>();
  for (const config::SchemaSettings& own : settings.schemas) {
    try {
      catalog->add({.name = own.name,
                    .type = own.type,
                    .topics = own.topics,
                    .title = {},
                    .source = own.file.string(),
                    .text = config::read_small_file(own.file, k_longest_schema, "schema")});
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("{}: {}", own.place, error.what()));
    }
  }
  return catalog;
}

std::optional<std::string> fault_text(const schema::Checked& checked) {
  if (checked.verdict != schema::Verdict::invalid) return std::nullopt;
  return fmt::format("{}: {}", checked.name, fmt::join(checked.faults, "; "));
}

}  // namespace kbeat::app
