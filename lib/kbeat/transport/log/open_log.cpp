// Makes the embedded log's transport.
#include "kbeat/transport/log/open_log.hpp"

#include <fmt/format.h>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/log/log_ledger.hpp"

namespace kbeat::transport {
namespace {

void make_data_dir(const std::filesystem::path& data_dir) {
  std::error_code failure;
  if (!std::filesystem::create_directories(data_dir, failure)) {
    if (!failure) return;
    throw Error(ErrorCode::io, fmt::format("cannot make the data directory {}: {}; choose another --data-dir",
                                           data_dir.string(), failure.message()));
  }
  std::filesystem::permissions(data_dir, std::filesystem::perms::owner_all, failure);
}

}  // namespace

std::unique_ptr<local::LocalTransport> open_embedded_log(const std::filesystem::path& data_dir) {
  make_data_dir(data_dir);
  const std::filesystem::path path = data_dir / "log.db";
  const auto source = [path]() -> std::unique_ptr<local::Ledger> {
    return std::make_unique<log::LogLedger>(path);
  };
  static_cast<void>(source());
  return std::make_unique<local::LocalTransport>(TransportKind::embedded, path.string(), source);
}

}  // namespace kbeat::transport
