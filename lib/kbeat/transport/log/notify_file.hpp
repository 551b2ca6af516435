// Tells waiting processes that the log changed: two counters in a shared page, and the kernel's futex.
#pragma once

#include <cstdint>
#include <filesystem>

#include "kbeat/transport/local/ledger.hpp"

namespace kbeat::transport::log {

/// `<log>.notify`. The counters hold no truth: a file made anew only costs those who wait a look around.
class NotifyFile final : public local::ChangeSignal {
 public:
  /// A page of one's own, in which nothing ever changes. Throws Error{io}.
  NotifyFile();
  /// Opens or makes the file. Throws Error{no_space} (retryable) or Error{io}.
  explicit NotifyFile(const std::filesystem::path& path);
  ~NotifyFile() override;

  enum class What { records, control };
  /// After the commit.
  void announce(What what);

  [[nodiscard]] local::Changes seen() override;
  void wait(const local::Changes& before, Milliseconds timeout) override;

 private:
  struct Counters {
    std::uint32_t any;
    std::uint32_t control;
  };
  Counters* m_counters = nullptr;
};

}  // namespace kbeat::transport::log
