// A line on the terminal that says how far produce has come.
#pragma once

#include <cstdint>
#include <string>

#include "command.hpp"

namespace kbeat::app {

/// `1200000 records  350000/s`.
[[nodiscard]] std::string feed_text(std::uint64_t records, Milliseconds passed);

/// Draws when stderr is a terminal, -q was not given and the input is not typed there; erased at the end.
class FeedProgress {
 public:
  explicit FeedProgress(Context& context);
  FeedProgress(const FeedProgress&) = delete;
  FeedProgress& operator=(const FeedProgress&) = delete;
  ~FeedProgress();

  /// Draws a few times a second, however often it is called.
  void show(std::uint64_t records);

 private:
  Context& m_context;
  bool m_wanted;
  SteadyTime m_begun;
  SteadyTime m_next;
  bool m_drawn = false;
};

}  // namespace kbeat::app
