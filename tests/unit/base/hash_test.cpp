// Hashes and base64 against published vectors.
#include "kbeat/base/hash.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/base64.hpp"

using namespace kbeat;

TEST_CASE("SHA-256 gives the published digests", "[base][hash]") {
  CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("base64 follows RFC 4648 both ways", "[base][base64]") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    std::string out;
    append_base64(out, plain);
    CHECK(out == coded);
    CHECK(decode_base64(coded) == plain);
  }
}

TEST_CASE("base64 that is not strict is refused", "[base][base64]") {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zg==Zg==", "Z===", "====", "Z g=", "Zm9_"}) {
    CAPTURE(text);
    CHECK_FALSE(decode_base64(text).has_value());
  }
}
