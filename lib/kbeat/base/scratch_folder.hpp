// A folder for what another program works on for a while, such as an editor, and that must not stay behind.
#pragma once

#include <filesystem>

#include "kbeat/base/descriptor.hpp"

namespace kbeat {

/// Nobody else reads it; gone with its owner, and with all that the other program put beside. It is locked as
/// long as it is in use, so that a folder whose owner was killed is known by its lock.
class ScratchFolder {
 public:
  /// Makes a folder in `parent`, which is made for its owner alone when it is missing. Throws Error{io}.
  explicit ScratchFolder(const std::filesystem::path& parent);
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

 private:
  [[nodiscard]] bool take(const std::filesystem::path& parent);

  std::filesystem::path m_path;
  Descriptor m_lock;
};

/// Removes the scratch folders in `parent` that nobody uses any more; what cannot be removed stays.
void remove_orphaned_scratch(const std::filesystem::path& parent);

}  // namespace kbeat
