// Owns a file descriptor.
#pragma once

#include <string_view>
#include <utility>

namespace kbeat {

class Descriptor {
 public:
  Descriptor() = default;
  /// Takes the descriptor over; -1 for none.
  explicit Descriptor(int number) : m_number(number) {}
  Descriptor(Descriptor&& other) noexcept : m_number(std::exchange(other.m_number, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  [[nodiscard]] int number() const { return m_number; }
  void reset();

 private:
  int m_number = -1;
};

/// A pipe for a child: closed on exec, and both ends above the standard descriptors, so that a child's dup2s
/// cannot run over them. Throws Error{io}, retryable.
struct Pipe {
  Descriptor read;
  Descriptor write;

  Pipe();
};

}  // namespace kbeat
