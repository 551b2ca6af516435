// Fetches the audio that an event names, guarded: what it may reach, how much and how long.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/net/address_guard.hpp"

namespace kbeat::net {

struct DownloadLimits {
  std::uint64_t max_bytes = 200ull << 20;
  Milliseconds total{60'000};
  Milliseconds connect{5'000};
  int max_redirects = 3;
  std::uint64_t low_speed_bytes = 1024;  ///< fewer bytes a second than this …
  Milliseconds low_speed_time{15'000};   ///< … for this long is a timeout; whole seconds count
};

enum class Allowed { no, yes };

struct DownloadPolicy {
  Allowed private_addresses = Allowed::no;
  Allowed file_urls = Allowed::no;
  DownloadLimits limits{};
  AddressJudge may_reach =
      is_public_address;  ///< asked before each connection unless private ones are allowed
  std::string
      authorities{};  ///< a PEM file of whom a server's certificate may come from; empty: the system's
};

/// The bytes of a URL, open for reading at their start. A download has no name: it is gone with this object.
class FetchedFile {
 public:
  /// Takes the descriptor over.
  explicit FetchedFile(int descriptor) : m_descriptor(descriptor) {}
  FetchedFile(FetchedFile&& other) noexcept;
  FetchedFile& operator=(FetchedFile&& other) noexcept;
  FetchedFile(const FetchedFile&) = delete;
  FetchedFile& operator=(const FetchedFile&) = delete;
  ~FetchedFile();
  [[nodiscard]] int descriptor() const { return m_descriptor; }

 private:
  int m_descriptor;
};

/// Why a URL could not be fetched. The error's code is bad_input (refused, or a permanent answer), not_found,
/// too_large, timed_out, unreachable (retryable when it may pass), no_space or interrupted (asked to stop).
/// Its message holds no credentials and no query.
struct FetchFailure {
  Error error;
  std::optional<Milliseconds> retry_after;  ///< the server's wish
};

using Fetched = std::variant<FetchedFile, FetchFailure>;

/// Safe to call from several threads.
class Downloader {
 public:
  Downloader() = default;
  Downloader(const Downloader&) = delete;
  Downloader& operator=(const Downloader&) = delete;
  virtual ~Downloader() = default;

  /// Comes back by `deadline`, or within 200 ms of a request to stop.
  [[nodiscard]] virtual Fetched fetch(const std::string& url, SteadyTime deadline, std::stop_token stop) = 0;
};

/// Costs next to nothing: the network library is loaded by the first fetch over http.
[[nodiscard]] std::unique_ptr<Downloader> open_downloader(const DownloadPolicy& policy);

}  // namespace kbeat::net
