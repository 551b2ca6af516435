// Flags of analyze, and the crew wired to the analyzer and to what becomes of its results.
#include "cmd_analyze.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <thread>

#include "allocator.hpp"
#include "analyze_checks.hpp"
#include "analyze_flags.hpp"
#include "analyze_results.hpp"
#include "audio_crew.hpp"
#include "exit_code.hpp"
#include "handler_kit.hpp"
#include "track_files.hpp"

namespace kbeat::app {
namespace {

const confine::AnalyzeLimits k_limits_of_one{.cpu = std::chrono::minutes(10),
                                             .wall = std::chrono::minutes(20)};
constexpr const char* k_what = "What to measure";
constexpr const char* k_result = "Result";

void add_what_to_measure(CLI::App& app, AnalyzeFlags& flags) {
  app.add_option("--metrics", flags.metrics, "core or all")
      ->type_name("SET")
      ->group(k_what)
      ->capture_default_str();
  app.add_option("--tempo-range", flags.tempo_range,
                 "between which tempos the answer lies, if there is one, such as 70-140")
      ->type_name("LO-HI")
      ->group(k_what);
  app.add_option("--style", flags.style,
                 "auto, hiphop, electronic or rock: helps to choose the tempo's octave")
      ->type_name("STYLE")
      ->group(k_what)
      ->capture_default_str();
  app.add_option("--start", flags.start, "leave out what comes before: seconds, or a span such as 1m")
      ->type_name("SPAN")
      ->group(k_what);
  app.add_option("--length", flags.length, "how much to measure: seconds, or a span")
      ->type_name("SPAN")
      ->group(k_what);
}

void add_result(CLI::App& app, AnalyzeFlags& flags) {
  add_output_flag(app, flags.output);
  CLI::Option* const shown =
      app.add_flag("--beats", flags.show_beats, "list the beats in CSV too, and one a row in a table");
  shown->group(k_result);
  CLI::Option* const hidden =
      app.add_flag("--no-beats", flags.hide_beats, "leave the lists of beats out of JSON");
  hidden->group(k_result)->excludes(shown);
  CLI::Option* const plot = app.add_option(
      "--plot", flags.plot, "draw waveform, spectrogram, chroma, tempogram and loudness: a .png or .svg");
  plot->type_name("FILE")->group(k_result);
  CLI::Option* const click =
      app.add_option("--click", flags.click, "write the track with clicks on its beats, as WAV");
  click->type_name("FILE")->group(k_result);
  CLI::Option* const compare = app.add_option(
      "--compare", flags.compare, "score the answers against this table of truths instead of printing them");
  compare->type_name("FILE")->group(k_result)->excludes(plot)->excludes(click)->excludes(shown)->excludes(
      hidden);
  app.add_option("--worst", flags.worst, "with --compare, list so many of the worst answers in a table")
      ->type_name("N")
      ->check(CLI::Range(0, 1'000'000))
      ->needs(compare)
      ->group(k_result)
      ->capture_default_str();
  CLI::Option* const save = app.add_flag("--save", flags.save, "keep the metrics in the store");
  save->group(k_result);
  app.add_option("--beat-id", flags.beat_id, "save under this id instead of the path or URL")
      ->type_name("ID")
      ->check([](const std::string& id) { return id.empty() ? "an id is not empty" : std::string(); })
      ->group(k_result)
      ->needs(save);
}

void add_limits(CommandLine& line, CLI::App& app, AnalyzeFlags& flags) {
  constexpr const char* k_limits = "Limits";
  app.add_option("-j,--workers", flags.workers, "files measured at once (default: one a core)")
      ->type_name("N")
      ->check(CLI::Range(1, 256))
      ->group(k_limits);
  app.add_option("--max-duration", flags.max_duration, "refuse longer audio (default: 4h)")
      ->type_name("SPAN")
      ->group(k_limits);
  app.add_flag("--in-process", flags.in_process, "decode without a confined child: only for files you trust")
      ->group(k_limits);
  add_setting_flag(line, app, "--allow-private-addresses", "fetch.allow_private_addresses", "true",
                   "fetch audio from private and loopback addresses too")
      ->group(k_limits);
  add_setting_flag(line, app, "--allow-file-urls", "fetch.allow_file_urls", "true",
                   "fetch audio from file: URLs too")
      ->group(k_limits);
}

std::unique_ptr<confine::Analyzer> open_analyzer(const AnalyzeFlags& flags,
                                                 const audio::AnalysisRequest& request) {
  if (flags.in_process) return confine::open_in_process_analyzer(request);
  return confine::open_confined_analyzer(k_limits_of_one, request);
}

int analyze_sources(const std::vector<AudioSource>& sources, const AnalyzeFlags& flags, Context& context,
                    Predictions* predictions) {
  const audio::AnalysisRequest request = analysis_request(flags);
  const auto downloader = net::open_downloader(download_policy(context.settings().fetch));
  const auto analyzer = open_analyzer(flags, request);
  AnalyzeResults results(flags, context, sources.size(), predictions);
  const std::size_t workers =
      flags.workers > 0 ? flags.workers : std::max(1U, std::thread::hardware_concurrency());
  analyze_all(sources, {.downloader = *downloader, .analyzer = *analyzer, .input = context.io.in()}, workers,
              context.stop(),
              {.result = [&](const AudioSource& source,
                             const confine::Analyzed& analyzed) { results.take(source, analyzed); },
               .progress = [&](std::size_t finished) { results.show(finished); }});
  const int code = results.finish();
  if (code == k_exit_done && !flags.plot.empty()) results.draw();
  if (code == k_exit_done && !flags.click.empty()) {
    const ClickJob job{sources.front(), k_limits_of_one, request, flags.in_process};
    write_clicks(flags.click, job, *downloader, context.stop());
  }
  return code;
}

std::vector<std::string> audio_of(const std::vector<Truth>& truths) {
  std::vector<std::string> paths;
  for (const Truth& truth : truths) paths.push_back(truth.file);
  return paths;
}

/// Words that end in .jsonl are other tools' answers; without any words the truth's own audio is measured.
int run_comparison(const AnalyzeFlags& flags, Context& context) {
  const OutputForm form = output_form(flags.output, context.io);
  std::vector<Truth> truths = read_truth(flags.compare);
  const TruthRows rows(truths);
  std::vector<Predictions> tools;
  std::vector<std::string> words;
  for (const std::string& word : flags.audio) {
    if (!word.ends_with(".jsonl")) {
      words.push_back(word);
      continue;
    }
    tools.emplace_back(std::filesystem::path(word).stem().string(), rows, Answering::some_questions)
        .read(word);
  }
  int code = k_exit_done;
  const bool named = !words.empty();
  if (!named && tools.empty()) words = audio_of(truths);
  if (!words.empty()) {
    const std::vector<AudioSource> sources = find_audio(words);
    if (named) truths = truths_about(sources, std::move(truths));
    Predictions ours("kbeat", rows, Answering::all_questions);
    code = analyze_sources(sources, flags, context, &ours);
    tools.insert(tools.begin(), std::move(ours));
  }
  print_listing(score_listing(truths, tools, form), form, context.io.out());
  if (form == OutputForm::table && flags.worst > 0) {
    const Listing worst = worst_listing(truths, tools.front(), flags.worst);
    if (!worst.rows.empty()) context.io.out().write("\n");
    if (!worst.rows.empty()) print_listing(worst, form, context.io.out());
  }
  return code;
}

}  // namespace

void add_analyze(CommandLine& line) {
  auto flags = std::make_shared<AnalyzeFlags>();
  CLI::App& app = add_command(
      line, line.root(),
      {"analyze", "measure tempo, beats, key and loudness of audio",
       "kbeat analyze track.flac | jq '{bpm, key, lufs_integrated}'\n"
       "kbeat analyze ~/music --output csv > music.csv  # all audio below a folder\n"
       "kbeat analyze loop.wav --tempo-range 70-140 --style hiphop --beats --output table\n"
       "kbeat analyze track.mp3 --plot track.png --click clicks.wav  # to look at and to listen to\n"
       "kbeat analyze --compare truth.tsv --output table      # how good are the answers?\n"
       "sox in.wav -t wav - reverse | kbeat analyze -"},
      [flags](Context& context) { return run_analyze(*flags, context); });
  app.add_option("audio", flags->audio, "files, folders, quoted patterns, URLs, or - for stdin")
      ->type_name("AUDIO");
  add_what_to_measure(app, *flags);
  add_result(app, *flags);
  add_limits(line, app, *flags);
}

int run_analyze(const AnalyzeFlags& flags, Context& context) {
  return_memory_at_once();
  if (!flags.compare.empty()) return run_comparison(flags, context);
  if (flags.audio.empty()) throw Error(ErrorCode::usage, "audio is required: name files, folders, URLs or -");
  const std::vector<AudioSource> sources = find_audio(flags.audio);
  check_sources(flags, sources, context.io.in());
  return analyze_sources(sources, flags, context, nullptr);
}

}  // namespace kbeat::app
