// Listings in their three forms.
#include "output.hpp"

#include <signal.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using namespace kbeat;
using namespace kbeat::app;

namespace {

std::string printed(const Listing& listing, OutputForm form) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  Output out(ends[1]);
  print_listing(listing, form, out);
  out.flush();
  ::close(ends[1]);
  std::string text(4096, '\0');
  text.resize(static_cast<std::size_t>(::read(ends[0], text.data(), text.size())));
  ::close(ends[0]);
  return text;
}

const Listing& sample() {
  static const Listing listing{{"name", "count"},
                               {{"ä,\"b\"", 1}, {"\x1b[31m\n", std::int64_t{23}}, {Cell(), Cell()}}};
  return listing;
}

}  // namespace

TEST_CASE("a table aligns its columns by characters and shows no control characters", "[apps]") {
  CHECK(printed(sample(), OutputForm::table) ==
        "name        count\n"
        "ä,\"b\"           1\n"
        "\\x1b[31m\\n     23\n"
        "-               -\n");
}

TEST_CASE("JSON has an object a line with every field", "[apps]") {
  CHECK(printed(sample(), OutputForm::json) ==
        "{\"name\":\"ä,\\\"b\\\"\",\"count\":1}\n"
        "{\"name\":\"\\u001b[31m\\n\",\"count\":23}\n"
        "{\"name\":null,\"count\":null}\n");
}

TEST_CASE("CSV has a header and quotes what needs it", "[apps]") {
  CHECK(printed(sample(), OutputForm::csv) == "name,count\n\"ä,\"\"b\"\"\",1\n\"\x1b[31m\n\",23\n,\n");
}

TEST_CASE("a reader that went away is told as such", "[apps]") {
  ::signal(SIGPIPE, SIG_IGN);  // as the program does
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  Output gone(ends[1]);
  gone.write("x");
  const auto code_of = [](Output& out) {
    try {
      out.flush();
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::internal;
  };
  CHECK(code_of(gone) == ErrorCode::pipe_closed);
  ::close(ends[1]);
}
