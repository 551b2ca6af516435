// One line a value, help and type above each family.
#include "kbeat/metrics/prometheus_text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <system_error>

#include "kbeat/base/error.hpp"

namespace kbeat::metrics {
namespace {

std::string_view type_name(FamilyType type) {
  switch (type) {
    case FamilyType::counter: return "counter";
    case FamilyType::gauge: return "gauge";
    case FamilyType::untyped: return "untyped";
    case FamilyType::histogram: return "histogram";
  }
  return "untyped";
}

enum class Quotes { kept, escaped };

std::string escaped(std::string_view text, Quotes quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes == Quotes::escaped)
      out += "\\\"";
    else
      out += c;
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::string braces(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "{" : ",", name, escaped(value, Quotes::escaped));
  }
  return out.empty() ? out : out + "}";
}

void append_buckets(std::string& out, const std::string& name, const FamilySample::Buckets& buckets) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < buckets.counts.size(); ++i) {
    total += buckets.counts[i];
    const std::string bound = i < buckets.bounds.size() ? number(buckets.bounds[i]) : "+Inf";
    out += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", name, bound, total);
  }
  out += fmt::format("{0}_sum {1}\n{0}_count {2}\n", name, number(buckets.sum), total);
}

void append_family(std::string& out, const FamilySample& family) {
  out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", family.name, escaped(family.help, Quotes::kept),
                     family.name, type_name(family.type));
  for (const FamilySample::Series& series : family.series) {
    if (const auto* buckets = std::get_if<FamilySample::Buckets>(&series.value)) {
      append_buckets(out, family.name, *buckets);
    } else {
      out += fmt::format("{}{} {}\n", family.name, braces(series.labels),
                         number(std::get<double>(series.value)));
    }
  }
}

}  // namespace

std::string prometheus_text(const MetricRegistry& registry) {
  std::string out;
  for (const FamilySample& family : registry.collect()) append_family(out, family);
  return out;
}

void write_metrics_file(const MetricRegistry& registry, const std::filesystem::path& file) {
  // The collector reads *.prom: a name with another end is not taken for a file of metrics.
  const std::filesystem::path fresh = fmt::format("{}.{}.tmp", file.string(), ::getpid());
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << prometheus_text(registry);
  out.close();
  std::error_code failure;
  if (out) std::filesystem::rename(fresh, file, failure);
  if (out && !failure) return;
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored);
  throw Error(ErrorCode::io, fmt::format("cannot write metrics to {}: {}", file.string(),
                                         failure ? failure.message() : "the folder cannot be written to"));
}

}  // namespace kbeat::metrics
