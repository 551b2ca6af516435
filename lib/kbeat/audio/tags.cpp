// Chooses the reader by the container.
#include "kbeat/audio/tags.hpp"

#include <bit>

#include "kbeat/audio/id3_tags.hpp"
#include "kbeat/audio/vorbis_comments.hpp"

namespace kbeat::audio {
namespace {

/// The tempo that loop libraries write: a float at the end of a chunk of 24 bytes.
void add_acid_tempo(const ReadAt& read_at, Tags& tags) {
  const auto chunk = find_chunk(read_at, "acid", ByteOrder::little);
  if (!chunk || tags.bpm) return;
  const Bytes body(read_at, chunk->offset, 24);
  const auto tempo = std::bit_cast<float>(body.little32(20));
  if (body.size() == 24 && tempo >= 1 && tempo < 1000) tags.bpm = tempo;
}

}  // namespace

Tags read_tags(const ReadAt& read_at) {
  Tags tags;
  const Bytes head(read_at, 0, 12);
  if (head.has(0, "fLaC")) {
    add_flac_comments(read_at, tags);
  } else if (head.has(0, "OggS")) {
    add_ogg_comments(read_at, tags);
  } else if (head.has(8, "WAVE")) {
    for (const std::string_view name : {"id3 ", "ID3 "}) {
      if (const auto chunk = find_chunk(read_at, name, ByteOrder::little))
        add_id3_tags(read_at, chunk->offset, tags);
    }
    add_acid_tempo(read_at, tags);
  } else if (head.has(0, "FORM")) {
    if (const auto chunk = find_chunk(read_at, "ID3 ", ByteOrder::big))
      add_id3_tags(read_at, chunk->offset, tags);
  } else {
    add_id3_tags(read_at, 0, tags);
  }
  return tags;
}

}  // namespace kbeat::audio
