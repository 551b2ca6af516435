// Tells a member whose process has died from one that is only quiet.
#pragma once

#include <string>

namespace kbeat::transport::local {

class Presence {
 public:
  Presence() = default;
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;
  virtual ~Presence() = default;

  /// From now on until `leave`, or the end of this process in whatever way, the member is there.
  virtual void enter(const std::string& member) = 0;
  virtual void leave(const std::string& member) = 0;
  /// False only when it is certain that the member's process is gone.
  [[nodiscard]] virtual bool is_there(const std::string& member) const = 0;
};

/// For members that end with the process that asks.
class SamePresence final : public Presence {
 public:
  void enter(const std::string& /*member*/) override {}
  void leave(const std::string& /*member*/) override {}
  [[nodiscard]] bool is_there(const std::string& /*member*/) const override { return true; }
};

}  // namespace kbeat::transport::local
