// One piece of music of the synthesised corpus being composed and played.
#include "corpus_piece.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace kbeat::audio::corpus {
namespace {

constexpr std::array k_major = {0, 2, 4, 5, 7, 9, 11};
constexpr std::array k_minor = {0, 2, 3, 5, 7, 8, 10};
constexpr std::array<std::array<int, 4>, 12> k_progressions = {{{0, 3, 4, 0},
                                                                {0, 4, 5, 3},
                                                                {0, 5, 3, 4},
                                                                {0, 0, 3, 4},
                                                                {0, 3, 0, 4},
                                                                {0, 5, 1, 4},
                                                                {0, 0, 0, 0},
                                                                {0, 0, 5, 6},
                                                                {0, 6, 5, 6},
                                                                {0, 2, 3, 3},
                                                                {0, 6, 3, 0},
                                                                {5, 3, 0, 4}}};
constexpr double k_longest_silence = 2;  // s

/// One of the variants between bars.
std::string pick(std::string_view variants, Dice& dice) {
  const auto count = static_cast<int>(std::count(variants.begin(), variants.end(), '|'));
  for (int skip = dice.whole(0, count); skip > 0; --skip) variants.remove_prefix(variants.find('|') + 1);
  return std::string(variants.substr(0, variants.find('|')));
}

}  // namespace

Piece::Piece(const Style& style, Dice& dice, Item& item)
    : m_style(style),
      m_dice(dice),
      m_item(item),
      m_steps(style.beats_per_bar * style.steps_per_beat),
      m_voice(dice, *style.chord == '\0' || style.form != Form::song ? 0
                    : style.band == Band::chip                       ? 0.05
                                                                     : 0.3),
      m_drums(0, k_rate, dice),
      m_tones(0, k_rate, dice) {
  m_swing = dice.chance(0.5) ? dice.real(0, style.swing) : 0;
  m_swung_eighths = dice.chance(0.5);
  m_tuning = dice.chance(0.25) ? dice.real(-0.3, 0.3) : 0;
  m_item.tonic = dice.whole(0, 11);
  m_item.minor = dice.chance(0.5);
  choose_times();
  choose_parts();
  choose_harmony();
  choose_sections();
}

void Piece::choose_times() {
  const double bar = 60 / m_item.bpm * m_style.beats_per_bar;
  double start = 0;
  if (m_style.form == Form::loop) {
    do {
      m_bars = 1 << m_dice.whole(0, 3);
    } while (m_bars > 1 && m_bars * bar > 17);
    if (m_bars * bar < 1.5) m_bars *= 2;
    if (m_dice.chance(0.12)) m_tail = m_dice.real(0.2, 2);  // rings on
    if (m_dice.chance(0.1))
      start = m_dice.real(0.01, 0.06), m_tail = m_dice.real(0.01, 0.05);  // a codec's padding
  } else {
    const double seconds = m_dice.chance(0.25) ? m_dice.real(7, 16) : m_dice.real(20, 34);
    m_bars = std::max(2, static_cast<int>(seconds / bar));
    start =
        m_dice.chance(0.35) ? m_dice.real(0, k_longest_silence) : -m_dice.real(0, bar);  // or cut out of more
    m_tail = m_dice.chance(0.5) ? m_dice.real(0, 2) : -m_dice.real(0, bar);
  }
  double tempo = 1;
  for (int i = 0; i <= m_bars; ++i) {
    m_bar_starts.push_back(start);
    start += bar * tempo;
    // Wanders, but comes back.
    tempo = 1 + 0.8 * (tempo - 1) + m_dice.normal(m_style.drift);
  }
  const double seconds = m_bar_starts.back() + m_tail;
  m_drums = Mix(seconds, k_rate, m_dice);
  m_tones = Mix(seconds, k_rate, m_dice);
}

Piece::Part Piece::choose(const char* variants, double mutation) {
  Part part;
  part.pattern = pick(variants, m_dice);
  part.gain = m_dice.real(0.6, 1);
  part.late = m_style.jitter > 0 ? m_dice.normal(m_style.jitter) : 0;
  if (m_dice.chance(0.5)) return part;
  for (std::size_t i = 1; i < part.pattern.size(); ++i)
    if (m_dice.chance(mutation))
      part.pattern[i] = part.pattern[i] == '.' ? 'x' : m_dice.chance(0.5) ? '.' : '?';
  return part;
}

void Piece::choose_parts() {
  m_kick = choose(m_style.kick, 0.04);
  m_snare = choose(m_style.snare, 0.02);
  m_hat = choose(borrowed(m_style, &Style::hat, m_dice), 0.08);
  m_bass = choose(borrowed(m_style, &Style::bass, m_dice), 0.06);
  m_chord = choose(borrowed(m_style, &Style::chord, m_dice), 0.06);
  m_melody = choose(borrowed(m_style, &Style::melody, m_dice), 0.1);
  const bool congas = std::string_view(m_style.name) == "percussion";
  m_hits.push_back(congas ? make_conga(m_dice, k_rate, m_dice.real(90, 230)) : make_kick(m_dice, k_rate));
  m_hits.push_back(congas ? make_conga(m_dice, k_rate, m_dice.real(260, 520)) : make_snare(m_dice, k_rate));
  m_hits.push_back(make_hat(m_dice, k_rate, m_dice.real(25, 150)));
  m_hits.push_back(make_hat(m_dice, k_rate, m_dice.real(6, 20)));
  m_hits.push_back(make_crash(m_dice, k_rate));
  m_kick.gain *= 1;
  m_snare.gain *= m_dice.real(0.5, 1);
  m_hat.gain *= m_dice.real(0.08, 0.45);
  m_bass.timbre = {m_dice.whole(1, 8),
                   m_dice.real(0.8, 1.8),
                   m_dice.chance(0.3),
                   m_dice.real(0.5, 6),
                   m_dice.real(0.002, 0.012),
                   0,
                   0,
                   m_style.band == Band::players ? m_dice.real(0, 0.15) : 0};
  m_chord.timbre = chord_timbre();
  m_melody.timbre = melody_timbre();
  const bool drums = !m_kick.pattern.empty() || !m_snare.pattern.empty();
  if (m_style.steps_per_beat == 4 && drums) m_percussion = choose_percussion(m_dice, k_rate);
  m_bass.gain *= 1.2;
  m_chord.gain *= m_dice.real(0.2, 0.5);
  m_melody.gain *= m_dice.real(0.2, 0.9);
  for (Part* part : {&m_bass, &m_chord, &m_melody}) part->length = m_dice.real(0.3, 1.6);
  m_chord.octave = m_dice.whole(0, 1);
  m_melody.octave = m_dice.whole(-1, 1);
}

Timbre Piece::chord_timbre() {
  switch (m_style.band) {
    case Band::players:
      if (m_dice.chance(0.5))  // distorted
        return {m_dice.whole(8, 14), m_dice.real(0.5, 0.9), false, m_dice.real(0.3, 3), 0.004, 0, 0.05,
                m_dice.real(0, 0.3)};
      return {m_dice.whole(4, 9), m_dice.real(1, 1.8), false, m_dice.real(1, 5), 0.004, 0, 0,
              m_dice.real(0, 0.2)};
    case Band::chip: return {9, 1, true, m_dice.real(0.2, 4), 0.002};
    case Band::piano: return {8, m_dice.real(1.2, 1.8), false, m_dice.real(1.2, 3.5), 0.003, 0, 0, 0.03};
    case Band::synths: break;
  }
  const bool pad = m_dice.chance(0.3);
  return {m_dice.whole(2, 12),
          m_dice.real(0.7, 1.7),
          m_dice.chance(0.25),
          pad ? 0.2 : m_dice.real(0.5, 8),
          pad ? m_dice.real(0.05, 0.4) : m_dice.real(0.002, 0.02),
          0,
          m_dice.chance(0.5) ? m_dice.real(0.05, 0.3) : 0};
}

Timbre Piece::melody_timbre() {
  if (m_style.band != Band::players || m_dice.chance(0.4)) return chord_timbre();
  // A voice or a bowed string: soft starts, vibrato.
  m_melody.late += 0.01;
  return {m_dice.whole(6, 12),     m_dice.real(0.8, 1.4), false, 0.2,
          m_dice.real(0.02, 0.08), m_dice.real(0.1, 0.5)};
}

void Piece::choose_harmony() {
  m_progression = k_progressions[static_cast<std::size_t>(m_dice.whole(0, std::size(k_progressions) - 1))];
  m_phrase = m_dice.chance(0.7) ? 4 : 8;
  m_steps_a_chord = m_dice.chance(0.7) ? m_steps : m_dice.chance(0.5) ? 2 * m_steps : m_steps / 2;
  m_power_chords = m_style.band == Band::players && m_dice.chance(0.3);
  m_sevenths = m_dice.chance(0.2);
  m_leading_note = m_item.minor && m_dice.chance(0.5);
  m_flat_seventh = !m_item.minor && m_dice.chance(0.15);
  m_octaves = m_dice.chance(0.2);
  m_comes_home = m_style.form == Form::song && m_tail >= 0 && m_dice.chance(0.6);
}

void Piece::choose_sections() {
  const bool song = m_style.form == Form::song;
  for (int bar = 0; bar < m_bars; bar += m_phrase) {
    Section section;
    if (song) {
      section.drums = !m_dice.chance(bar == 0 ? 0.3 : 0.1);
      section.hats = !m_dice.chance(0.15);
      section.kick = !m_dice.chance(0.07);
      section.tones = !m_dice.chance(0.08);
      section.melody = !m_dice.chance(0.3);
      section.half_time = m_dice.chance(0.06);
      section.fill = m_dice.chance(0.4);
      section.roll = m_dice.chance(0.08);
    }
    m_sections.push_back(section);
  }
  if (std::none_of(m_sections.begin(), m_sections.end(), [](const Section& s) { return s.drums; }))
    m_sections.back().drums = true;
}

double Piece::time_of(int bar, int step) const {
  const auto b = static_cast<std::size_t>(bar);
  const double beat =
      (m_bar_starts[b + 1 < m_bar_starts.size() ? b + 1 : b] - m_bar_starts[b]) / m_style.beats_per_bar;
  double steps = step;
  const int within = step % m_style.steps_per_beat;
  // Swung in full, a pair is two thirds and one third.
  if (m_style.steps_per_beat == 4 && m_swung_eighths)
    steps += m_swing * (within == 2 ? 2.0 / 3 : within % 2 == 1 ? 1.0 / 3 : 0);
  if (m_style.steps_per_beat == 4 && !m_swung_eighths && within % 2 == 1) steps += m_swing / 3;
  return m_bar_starts[b] + steps * beat / m_style.steps_per_beat;
}

double Piece::strength(const Part& part, int bar, int step) {
  if (part.pattern.empty()) return 0;
  switch (part.pattern[static_cast<std::size_t>(bar * m_steps + step) % part.pattern.size()]) {
    case 'X': return m_dice.real(0.85, 1) * part.gain;
    case 'x': return m_dice.real(0.45, 0.7) * part.gain;
    case 'o': return m_dice.chance(0.6) ? m_dice.real(0.35, 0.6) * part.gain : 0;
    case '?': return m_dice.chance(0.35) ? m_dice.real(0.4, 0.8) * part.gain : 0;
    default: return 0;
  }
}

double Piece::played_at(const Part& part, double at) {
  return at + part.late + (m_style.jitter > 0 ? m_dice.normal(m_style.jitter) : 0);
}

int Piece::scale_note(int degree) const {
  const auto& scale = m_item.minor ? k_minor : k_major;
  const int note = scale[static_cast<std::size_t>(degree % 7)];
  return m_item.tonic + 12 * (degree / 7) + note - (m_flat_seventh && degree % 7 == 6 ? 1 : 0);
}

/// In minor the dominant may take the leading note.
int Piece::chord_tone(int degree, int third) const {
  return scale_note(degree + third) + (m_leading_note && degree == 4 && third == 2 ? 1 : 0);
}

/// What is not cut out of more mostly ends on its tonic.
int Piece::degree_at(int bar, int step) const {
  if (m_comes_home && bar == m_bars - 1) return 0;
  return m_progression[static_cast<std::size_t>((bar * m_steps + step) / m_steps_a_chord % 4)];
}

void Piece::play_drums(int bar, int step, const Section& section) {
  const double at = time_of(bar, step);
  const bool fill = bar % m_phrase == m_phrase - 1 &&
                    (section.roll || (section.fill && step >= m_steps - m_style.steps_per_beat));
  const int half = m_steps / 2;
  if (double g = strength(m_kick, bar, step); section.kick) {
    if (section.half_time) g = step == 0 ? m_kick.gain : 0;
    if (g > 0) m_drums.add(m_hits[0], played_at(m_kick, at), g), m_ducks.push_back(at);
  }
  double g = strength(m_snare, bar, step);
  if (section.half_time) g = step == half ? m_snare.gain : 0;
  if (fill) g = m_snare.gain * m_dice.real(0.3, 0.8);
  if (g > 0) m_drums.add(m_hits[1], played_at(m_snare, at), g);
  g = strength(m_hat, bar, step);
  if (g > 0 && section.hats)
    m_drums.add(m_hits[g > 0.8 * m_hat.gain && step % m_style.steps_per_beat != 0 ? 3 : 2],
                played_at(m_hat, at), g);
  if (step == 0 && bar > 0 && bar % m_phrase == 0 && m_style.form == Form::song && m_dice.chance(0.5))
    m_drums.add(m_hits[4], at, 0.5 * m_snare.gain);
}

void Piece::play_percussion(int bar, int step, const Section& section) {
  if (m_percussion.gain <= 0 || !section.hats) return;
  const Part part{m_percussion.pattern, m_percussion.gain};
  if (const double g = strength(part, bar, step); g > 0)
    m_drums.add(m_percussion.hit, played_at(part, time_of(bar, step)), g);
}

void Piece::play_chord(double at, double gain, int degree) {
  const double seconds = m_chord.length * 60 / m_item.bpm;
  const int base = 48 + 12 * m_chord.octave;
  for (const int third : {0, 2, 4, 6}) {
    if ((third == 2 && m_power_chords) || (third == 6 && !m_sevenths)) continue;
    m_tones.note(at + m_dice.real(0, m_style.jitter), seconds, base + m_tuning + chord_tone(degree, third),
                 gain, m_chord.timbre);
  }
}

void Piece::play_melody(double at, double gain, int degree, bool last_of_phrase) {
  const int step = m_dice.chance(0.65) ? degree + 2 * m_dice.whole(0, 2) : m_dice.whole(0, 7);
  m_tones.note(at, m_melody.length * 60 / m_item.bpm,
               72 + 12 * m_melody.octave + m_tuning + scale_note(last_of_phrase ? 0 : step), gain,
               m_melody.timbre);
}

void Piece::play_tones(int bar, int step, const Section& section) {
  const double at = time_of(bar, step);
  const int degree = degree_at(bar, step);
  if (const double g = strength(m_bass, bar, step); g > 0) {
    int note = 28 + (m_item.tonic + 8) % 12 - m_item.tonic + scale_note(degree);
    if (m_octaves && step % 4 == 2) note += 12;
    if (step > 0 && m_dice.chance(0.08)) note += 7;
    m_tones.note(played_at(m_bass, at), m_bass.length * 60 / m_item.bpm, note + m_tuning, g, m_bass.timbre);
  }
  if (const double g = strength(m_chord, bar, step); g > 0) play_chord(played_at(m_chord, at), g, degree);
  const double step_seconds = 60 / m_item.bpm / m_style.steps_per_beat;
  m_voice.utter(m_tones, bar, at, step_seconds,
                60 + m_tuning +
                    scale_note(degree + (step < m_steps / 2 ? 2 * m_dice.whole(0, 2) : m_dice.whole(0, 7))));
  if (const double g = strength(m_melody, bar, step); g > 0 && section.melody)
    play_melody(played_at(m_melody, at), g, degree, bar % m_phrase == m_phrase - 1 && step >= m_steps / 2);
}

void Piece::produce() {
  if (m_style.band == Band::synths && m_dice.chance(0.5)) {
    const double depth = m_dice.real(0.3, 0.9), seconds = m_dice.real(0.3, 0.9) * 60 / m_item.bpm;
    for (const double at : m_ducks) m_tones.duck(at, seconds, depth);
  }
  m_drums.level();
  m_tones.level();
  const bool echoes = m_dice.chance(m_style.band == Band::players ? 0.1 : 0.3);
  if (echoes)
    m_tones.add_echo(m_dice.real(0.15, 0.6), choose_echo(m_dice) * 60 / m_item.bpm, m_dice.real(0, 0.6));
  if (m_dice.chance(0.5)) m_tones.add_reverb(m_dice.real(0.1, 0.6), m_dice.real(0.3, 2));
  if (m_dice.chance(0.3)) m_drums.add_reverb(m_dice.real(0.1, 0.4), m_dice.real(0.2, 1));
  m_drums.add(m_tones, std::pow(10, m_dice.real(-8, 8) / 20));
  if (m_dice.chance(0.5)) m_drums.tilt(m_dice.real(-9, 6), m_dice.real(-9, 6));
  if (m_dice.chance(0.2)) m_drums.low_pass(m_dice.real(2500, 9000));
  if (m_dice.chance(0.1)) m_drums.high_pass(m_dice.real(60, 250));
  if (m_dice.chance(0.15)) m_drums.crackle(m_dice.real(2, 12), m_dice.real(0.2, 1));
  if (m_style.form == Form::song && m_dice.chance(0.2))
    m_drums.fade(m_dice.real(0.1, 4), m_dice.real(0.1, 5));
  m_drums.limit(m_dice.real(0.5, 6));
  if (m_dice.chance(0.25)) m_drums.noise(m_dice.real(0.0003, 0.005));
}

void Piece::fill_item() {
  for (int bar = 0; bar < m_bars; ++bar)
    for (int beat = 0; beat < m_style.beats_per_bar; ++beat) {
      const auto b = static_cast<std::size_t>(bar);
      const double at =
          m_bar_starts[b] + beat * (m_bar_starts[b + 1] - m_bar_starts[b]) / m_style.beats_per_bar;
      if (at >= 0 && at < m_drums.seconds()) m_item.beats.push_back(at);
    }
  m_item.beats_per_bar = m_style.beats_per_bar;
  // A bass among drums tells no key that one could insist on.
  const bool drums = !m_kick.pattern.empty() || !m_snare.pattern.empty();
  if (m_chord.pattern.empty() && m_melody.pattern.empty() && (drums || m_bass.pattern.empty()))
    m_item.tonic = -1;
  m_item.samples = m_drums.take();
}

void Piece::render() {
  for (int bar = 0; bar < m_bars; ++bar) {
    const Section& section = m_sections[static_cast<std::size_t>(bar / m_phrase)];
    for (int step = 0; step < m_steps; ++step) {
      if (time_of(bar, step) < 0) continue;
      if (section.drums) play_drums(bar, step, section);
      if (section.drums) play_percussion(bar, step, section);
      if (section.tones || !section.drums) play_tones(bar, step, section);
    }
  }
  produce();
  fill_item();
}

}  // namespace kbeat::audio::corpus
