// Makes the embedded log's transport.
#include "kbeat/transport/log/open_log.hpp"

#include <fmt/format.h>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/log/log_ledger.hpp"
#include "kbeat/transport/memory/memory_transport.hpp"

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

std::filesystem::path log_file(const std::filesystem::path& data_dir) {
  return data_dir / "log.db";
}

std::unique_ptr<local::LocalTransport> open_file(const std::filesystem::path& path, sqlite::Access access) {
  const auto source = [path, access]() -> std::unique_ptr<local::Ledger> {
    return std::make_unique<log::LogLedger>(path, access);
  };
  static_cast<void>(source());
  return std::make_unique<local::LocalTransport>(TransportKind::embedded, path.string(), source);
}

}  // namespace

std::unique_ptr<local::LocalTransport> open_embedded_log(const std::filesystem::path& data_dir) {
  make_data_dir(data_dir);
  return open_file(log_file(data_dir), sqlite::Access::read_write);
}

std::unique_ptr<local::LocalTransport> look_into_embedded_log(const std::filesystem::path& data_dir) {
  if (!std::filesystem::exists(log_file(data_dir))) return memory::make_memory_transport();
  return open_file(log_file(data_dir), sqlite::Access::read_only);
}

}  // namespace kbeat::transport
