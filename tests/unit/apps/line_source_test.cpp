// Cutting input into records, whatever the delimiter and however it arrives.
#include "line_source.hpp"

#include <unistd.h>
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "kbeat/base/error.hpp"

using namespace kbeat;
using namespace kbeat::app;

namespace {

/// A pipe whose writing end the test holds.
class Pipe {
 public:
  Pipe() { REQUIRE(::pipe(m_ends) == 0); }
  ~Pipe() {
    ::close(m_ends[0]);
    finish();
  }
  void write(const std::string& bytes) {
    REQUIRE(::write(m_ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  void finish() {
    if (m_ends[1] >= 0) ::close(m_ends[1]);
    m_ends[1] = -1;
  }
  [[nodiscard]] int reader() const { return m_ends[0]; }

 private:
  int m_ends[2] = {-1, -1};
};

std::vector<std::string> all_lines(LineSource& source) {
  std::vector<std::string> lines;
  std::string_view line;
  while (true) {
    const Pulled pulled = source.next(line);
    if (pulled != Pulled::line) {
      CHECK(pulled == Pulled::end);
      return lines;
    }
    lines.emplace_back(line);
  }
}

}  // namespace

TEST_CASE("empty lines count and the last line needs no delimiter", "[apps]") {
  Pipe pipe;
  pipe.write("\na\r\n\nlast");
  pipe.finish();
  LineSource source(pipe.reader(), "\n");
  CHECK(all_lines(source) == std::vector<std::string>{"", "a\r", "", "last"});
}

TEST_CASE("a delimiter cut in two by reads is found", "[apps]") {
  Pipe pipe;
  LineSource source(pipe.reader(), "-=-");
  std::string_view line;
  pipe.write("one-");
  CHECK(source.next(line) == Pulled::pause);
  pipe.write("=");
  CHECK(source.next(line) == Pulled::pause);
  pipe.write("-two-=-");
  REQUIRE(source.next(line) == Pulled::line);
  CHECK(line == "one");
  REQUIRE(source.next(line) == Pulled::line);
  CHECK(line == "two");
  pipe.finish();
  CHECK(source.next(line) == Pulled::end);
}

TEST_CASE("lines longer than a block come whole", "[apps]") {
  Pipe pipe;
  const std::string long_line(40'000, 'x');
  LineSource source(pipe.reader(), "\n");
  std::string_view line;
  std::string expected;
  for (int i = 0; i < 10; ++i) {
    pipe.write(long_line);
    expected += long_line;
    CHECK(source.next(line) == Pulled::pause);
  }
  pipe.write("\nnext\n");
  REQUIRE(source.next(line) == Pulled::line);
  CHECK((line == expected));
  REQUIRE(source.next(line) == Pulled::line);
  CHECK(line == "next");
}

TEST_CASE("delimiters are written with escapes", "[apps]") {
  CHECK(unescape_delimiter("\\n") == "\n");
  CHECK(unescape_delimiter("a\\x1e\\0\\\\\\t\\r") == std::string("a\x1e\0\\\t\r", 6));
  for (const char* text : {"", "\\", "\\q", "\\x1", "\\xgg"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(unescape_delimiter(text), Error);
  }
}

TEST_CASE("a line that is too long is passed over in bounded memory, and the next one is read", "[apps]") {
  Pipe pipe;
  LineSource source(pipe.reader(), "\r\n");
  std::string_view line;
  pipe.write("first\r\n");
  REQUIRE(source.next(line) == Pulled::line);
  const std::string part(32u << 10, 'x');
  for (std::size_t written = 0; written <= LineSource::k_longest + (1u << 20); written += part.size()) {
    pipe.write(part);
    REQUIRE(source.next(line) == Pulled::pause);
  }
  pipe.write("\r\nlast");
  pipe.finish();
  REQUIRE(source.next(line) == Pulled::too_long);
  REQUIRE(source.next(line) == Pulled::line);
  CHECK(line == "last");
  CHECK(source.next(line) == Pulled::end);
}
