// Tags of every container, whole, damaged and hostile.
#include "kbeat/audio/tags.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace kbeat::audio;

namespace {

std::string big(std::uint32_t number, int bytes = 4) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> 8 * i & 0xFF);
  return out;
}

std::string little(std::uint32_t number) {
  std::string out = big(number);
  std::reverse(out.begin(), out.end());
  return out;
}

std::string syncsafe(std::uint32_t number) {
  return big((number & 0x7F) | (number & 0x3F80) << 1 | (number & 0x1FC000) << 2 | (number & 0xFE00000) << 3);
}

std::string id3(int version, const std::string& frames, int flags = 0) {
  return std::string("ID3") + static_cast<char>(version) + '\0' + static_cast<char>(flags) +
         syncsafe(static_cast<std::uint32_t>(frames.size())) + frames;
}

/// A frame of version 2.3 or 2.4.
std::string frame(const std::string& name, const std::string& content) {
  return name + big(static_cast<std::uint32_t>(content.size())) + std::string(2, '\0') + content;
}

std::string latin1(const std::string& text) {
  return std::string(1, '\0') + text;
}

std::string vorbis_comments(const std::vector<std::string>& comments) {
  std::string out = little(4) + "test" + little(static_cast<std::uint32_t>(comments.size()));
  for (const std::string& comment : comments)
    out += little(static_cast<std::uint32_t>(comment.size())) + comment;
  return out;
}

std::string chunk(const std::string& name, const std::string& body) {
  return name + little(static_cast<std::uint32_t>(body.size())) + body + std::string(body.size() % 2, '\0');
}

Tags tags_of(const std::string& file) {
  return read_tags([&file](std::uint64_t offset, std::span<std::uint8_t> into) -> std::size_t {
    if (offset >= file.size()) return 0;
    const std::size_t count = std::min(into.size(), file.size() - static_cast<std::size_t>(offset));
    std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(offset), count, into.begin());
    return count;
  });
}

}  // namespace

TEST_CASE("ID3v2.3 tells title, artist, tempo and key", "[audio][tags]") {
  const Tags tags = tags_of(id3(3, frame("TIT2", latin1("Stra\xDF"
                                                        "e")) +
                                       frame("TPE1", latin1("B")) + frame("TBPM", latin1("127.5")) +
                                       frame("TKEY", latin1("Am"))));
  CHECK(tags.title == "Straße");
  CHECK(tags.artist == "B");
  CHECK(tags.bpm == 127.5);
  CHECK(tags.key == "Am");
}

TEST_CASE("ID3v2.2 has frames of its own size", "[audio][tags]") {
  CHECK(tags_of(id3(2, "TBP" + big(4, 3) + latin1("140") + "TT2" + big(2, 3) + latin1("T"))).bpm == 140.0);
}

TEST_CASE("ID3 text in UTF-16 becomes UTF-8, lone surrogates U+FFFD", "[audio][tags]") {
  const std::string little_end("\x01\xFF\xFE\xE9\x00\x3D\xD8\x4B\xDE\x00\x00", 11);
  CHECK(tags_of(id3(3, frame("TIT2", little_end))).title == "é🙋");
  const std::string big_end("\x02\x00\x41\xD8\x3D\x00\x42", 7);
  CHECK(tags_of(id3(4, frame("TIT2", big_end))).title == "A\uFFFDB");
}

TEST_CASE("a picture of 50 MB is stepped over", "[audio][tags]") {
  const std::string picture = "APIC" + big(50 << 20) + std::string(2, '\0');
  const std::string tail = frame("TBPM", latin1("99"));
  const std::uint64_t tail_at = 10 + picture.size() + (50 << 20);
  const std::string head = "ID3" + std::string("\x03\0\0", 3) + syncsafe((50 << 20) + 1000) + picture;
  std::uint64_t read = 0;
  const Tags tags = read_tags([&](std::uint64_t offset, std::span<std::uint8_t> into) {
    const bool in_tail = offset >= tail_at;
    const std::string& part = in_tail ? tail : head;
    const std::size_t from = static_cast<std::size_t>(in_tail ? offset - tail_at : offset);
    const std::size_t count = from < part.size() ? std::min(into.size(), part.size() - from) : 0;
    std::copy_n(part.begin() + static_cast<std::ptrdiff_t>(from), count, into.begin());
    read += into.size();
    return count;
  });
  CHECK(tags.bpm == 99.0);
  CHECK(read < 10'000);
}

TEST_CASE("an unsynchronised tag is read without its stuffing", "[audio][tags]") {
  const std::string stuffed("\x01\xFF\x00\xFE\x41\x00\x00\x00", 8);
  const std::string frames = "TIT2" + big(7) + std::string(2, '\0') + stuffed + frame("TBPM", latin1("80"));
  const Tags tags = tags_of(id3(3, frames, 0x80));
  CHECK(tags.title == "A");
  CHECK(tags.bpm == 80.0);
}

TEST_CASE("an extended ID3 header is stepped over", "[audio][tags]") {
  CHECK(tags_of(id3(3, big(6) + std::string(6, '\0') + frame("TBPM", latin1("81")), 0x40)).bpm == 81.0);
  CHECK(tags_of(id3(4, syncsafe(6) + std::string(2, '\0') + frame("TBPM", latin1("82")), 0x40)).bpm == 82.0);
}

TEST_CASE("sizes beyond the file end a tag without harm", "[audio][tags]") {
  CHECK(tags_of(id3(3, "TIT2" + big(0xFFFFFFFF) + std::string(2, '\0') + latin1("T"))).title == "T");
  CHECK(tags_of("ID3").title.empty());
  CHECK(tags_of("").title.empty());
  CHECK(tags_of(std::string("fLaC\x04\xFF\xFF\xFF", 8)).title.empty());
  CHECK(tags_of("fLaC" + std::string("\x84\x00\x00\x08", 4) + little(0xFFFFFFFF) + little(0xFFFFFFFF))
            .title.empty());
  CHECK(tags_of("OggS" + std::string(300, '\xFF')).title.empty());
}

TEST_CASE("a tempo that is no sensible number is none", "[audio][tags]") {
  for (const char* text : {"fast", "0", "-120", "nan", "1e9", ""}) {
    CHECK_FALSE(tags_of(id3(3, frame("TBPM", latin1(text)))).bpm);
  }
}

TEST_CASE("a tempo may have a comma for its point", "[audio][tags]") {
  CHECK(tags_of(id3(3, frame("TBPM", latin1("120,5")))).bpm == 120.5);
}

TEST_CASE("blanks and zero bytes around a tag are no part of it", "[audio][tags]") {
  const Tags tags = tags_of(id3(3, frame("TIT2", latin1("  A B \t\r\n  ")) + frame("TPE1", latin1("   ")) +
                                       frame("TBPM", latin1("  140 "))));
  CHECK(tags.title == "A B");
  CHECK(tags.artist.empty());
  CHECK(tags.bpm == 140.0);
}

TEST_CASE("text that is no UTF-8 is read as Latin-1", "[audio][tags]") {
  CHECK(tags_of(id3(4, frame("TIT2", "\x03T\xE9st"))).title == "Tést");
  CHECK(tags_of(id3(4, frame("TIT2", "\x03Tést"))).title == "Tést");
}

TEST_CASE("a long tag is cut between two characters", "[audio][tags]") {
  std::string even, odd = "x";
  for (int i = 0; i < 600; ++i) even += "é", odd += "é";
  CHECK(tags_of(id3(4, frame("TIT2", "\x03" + even))).title == even.substr(0, 500));
  CHECK(tags_of(id3(4, frame("TIT2", "\x03" + odd))).title == odd.substr(0, 499));
  CHECK(tags_of(id3(4, frame("TIT2", "\x03" + std::string(600, '\xE9')))).title == even.substr(0, 500));
}

TEST_CASE("FLAC comments are found behind other blocks, in any case", "[audio][tags]") {
  const std::string comments = vorbis_comments({"title=T", "Bpm=128", "INITIALKEY=8A", "no equals sign"});
  const std::string flac = std::string("fLaC\x00\x00\x00\x22", 8) + std::string(34, 'x') + "\x84" +
                           big(static_cast<std::uint32_t>(comments.size()), 3) + comments;
  const Tags tags = tags_of(flac);
  CHECK(tags.title == "T");
  CHECK(tags.bpm == 128.0);
  CHECK(tags.key == "8A");
}

TEST_CASE("Ogg comments are put together over pages", "[audio][tags]") {
  const auto page = [](const std::string& body, bool ends) {
    std::string lengths(body.size() / 255, '\xFF');
    if (ends) lengths += static_cast<char>(body.size() % 255);
    return "OggS" + std::string(22, '\0') + static_cast<char>(lengths.size()) + lengths + body;
  };
  const std::string packet = "\x03vorbis" + vorbis_comments({"ARTIST=" + std::string(600, 'a'), "BPM=93"});
  const std::string file =
      page("\x01vorbis", true) + page(packet.substr(0, 510), false) + page(packet.substr(510), true);
  CHECK(tags_of(file).bpm == 93.0);
  CHECK(tags_of(file).artist.size() == 500);
}

TEST_CASE("WAV tells by its id3 chunk, and by its acid chunk as loop libraries do", "[audio][tags]") {
  const std::string id3_chunk = chunk("id3 ", id3(3, frame("TKEY", latin1("F#m"))));
  const std::string acid_chunk = chunk("acid", std::string(20, '\0') + little(0x42B40000));  // 90.0F
  const Tags tags = tags_of("RIFF" + little(100) + "WAVE" + chunk("fmt ", "x") + id3_chunk + acid_chunk);
  CHECK(tags.key == "F#m");
  CHECK(tags.bpm == 90.0);
}
