// How far produce has come in its input, drawn now and then.
#pragma once

#include "progress.hpp"

namespace kbeat::app {

struct Context;

/// Of a file the share that was read is known, of a pipe only the number of records. Nothing is drawn while
/// the input is typed, or with -q.
class FeedProgress {
 public:
  explicit FeedProgress(Context& context);

  /// The records come from here.
  void follow(int descriptor);
  /// Something else is printed there.
  void silence() { m_shown = false; }
  /// Draws a few times a second, however often it is called.
  void show(std::uint64_t records);

 private:
  [[nodiscard]] std::optional<double> share() const;

  Progress m_bar;
  bool m_shown;
  int m_descriptor = -1;
  std::uint64_t m_size = 0;  ///< 0: no file
};

}  // namespace kbeat::app
