// The seams between the protocols and the sockets: a byte stream to one client, and the loop that it lives
// on.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "kbeat/base/clock.hpp"

namespace kbeat::server {

/// One thread that runs what it is given. `post` and `is_current` may be called from any thread, the rest
/// from its own.
class Loop {
 public:
  Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  virtual ~Loop() = default;

  virtual void post(std::function<void()> work) = 0;
  virtual void call_after(Milliseconds delay, std::function<void()> work) = 0;
  [[nodiscard]] virtual bool is_current() const = 0;
};

/// Hears of what a link does, on the link's loop.
class LinkUser {
 public:
  LinkUser() = default;
  LinkUser(const LinkUser&) = delete;
  LinkUser& operator=(const LinkUser&) = delete;
  virtual ~LinkUser() = default;

  /// The bytes are valid during the call.
  virtual void on_bytes(std::string_view bytes) = 0;
  /// A write that had to wait is done.
  virtual void on_written() = 0;
  /// The peer closed, or the link failed: nothing more will be heard.
  virtual void on_gone() = 0;
};

enum class Written { now, later };

/// Used on its loop only.
class Link {
 public:
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  virtual ~Link() = default;

  /// Begins; for TLS with the handshake. The user is kept alive until `close`.
  virtual void open(std::shared_ptr<LinkUser> user) = 0;
  /// One on_bytes (or on_gone) follows.
  virtual void read() = 0;
  /// Writes all pieces, in order. With `later` they must stay where they are until on_written (or on_gone);
  /// one write at a time.
  [[nodiscard]] virtual Written write(std::span<const std::string_view> pieces) = 0;
  /// Says that nothing more will be written; reading goes on.
  virtual void end_writing() = 0;
  /// Ends at once; the user hears nothing more.
  virtual void close() = 0;
  [[nodiscard]] virtual const std::string& peer() const = 0;
};

}  // namespace kbeat::server
