// A file in which every member of a group holds the lock of one byte, which the kernel frees when it dies.
#pragma once

#include <filesystem>
#include <set>

#include "kbeat/base/descriptor.hpp"
#include "kbeat/transport/local/presence.hpp"

namespace kbeat::transport::log {

/// One client's view of the file; for one thread.
class PresenceFile final : public local::Presence {
 public:
  /// Without a file there are no members, and nobody can enter.
  PresenceFile() = default;
  /// Opens or makes the file. Throws Error{io}.
  explicit PresenceFile(const std::filesystem::path& path);

  void enter(const std::string& member) override;
  void leave(const std::string& member) override;
  [[nodiscard]] bool is_there(const std::string& member) const override;

 private:
  Descriptor m_file;
  std::set<std::string> m_own;  ///< an open file does not see its own locks
};

}  // namespace kbeat::transport::log
