// A test program's second process: the same program, started again with another task.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kbeat::test {

/// A program started by posix_spawn; killed and reaped when it goes out of scope.
class Child {
 public:
  /// `arguments` begins with the program's path. Its stdout can be read with `read_line`.
  explicit Child(const std::vector<std::string>& arguments);
  /// Runs one hidden test case of this program, which finds `folder` by `child_folder()`.
  Child(const std::string& test_case, const std::filesystem::path& folder);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  [[nodiscard]] int pid() const { return m_pid; }
  /// The next line of its stdout, without the newline; empty at its end.
  [[nodiscard]] std::string read_line();
  void signal(int number) const;
  /// Waits until the kernel reports it stopped.
  void wait_until_stopped() const;
  /// Waits for its end; the exit code, or 128 + the signal.
  int wait();

 private:
  Child(std::vector<std::string> arguments, std::vector<std::string> environment);

  int m_pid = -1;
  int m_output = -1;
};

/// In a hidden test case: the folder that its parent named.
[[nodiscard]] std::filesystem::path child_folder();

/// In a hidden test case: one line for the parent, at once.
void tell_parent(const std::string& line);

}  // namespace kbeat::test
