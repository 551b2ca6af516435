// Opens the embedded log of a data directory.
#pragma once

#include <filesystem>
#include <memory>

#include "kbeat/transport/local/local_transport.hpp"

namespace kbeat::transport {

/// `log.db` in `data_dir`; both are made when they are missing, the directory for its owner alone. Opens the
/// file at once, so a bad one is found here: throws Error.
[[nodiscard]] std::unique_ptr<local::LocalTransport> open_embedded_log(const std::filesystem::path& data_dir);

/// The same to look at: the file is opened read-only and not made; where there is none, nothing is in it.
[[nodiscard]] std::unique_ptr<local::LocalTransport> look_into_embedded_log(
    const std::filesystem::path& data_dir);

}  // namespace kbeat::transport
