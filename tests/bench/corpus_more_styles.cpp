// More styles of the synthesised corpus: those that widen it, and those that no training hears.
#include <array>

#include "corpus_styles.hpp"

namespace kbeat::audio::corpus {
namespace {

using enum Band;
using enum Form;

constexpr const char* k_four = "X...X...X...X...|X...X...X...X.?.";
constexpr const char* k_backbeat = "....X.......X...|....X..?....X..?";

constexpr std::array k_wider = {
    // Players.
    Style{"doom", 48, 82, 4, 4, song, players, .008, .005, 0, "X.....x.X.......|X...x...X.x.x...",
          "....X.......X...", "x...x...x...x...|x.x.x.x.x.x.x.x.", "x.x.x.x.x.x.x.x.|X.......x.x.....",
          "x.x.x.x.x.x.x.x.|X.......X.......", "|x.......x...x..."},
    Style{"thrash", 160, 225, 4, 4, song, players, .005, .003, 0,
          "X...x...X...x...|X.x.x.x.X.x.x.x.|X...X...X.x.X...", k_backbeat,
          "x...x...x...x...|x.x.x.x.x.x.x.x.", "x.x.x.x.x.x.x.x.|X...x.x.X...x.x.",
          "x.x.x.x.x.x.x.x.|X...x.x.X...x.x.|X.......X.......", "|x...x.x.x...?..."},
    Style{"ska", 116, 178, 4, 4, song, players, .006, .003, .1, "X.......X.......|X...X...X...X...",
          k_backbeat, "x.x.x.x.x.x.x.x.|..x...x...x...x.", "X...X...X...X...|X...x.x.X...x.x.",
          "..X...X...X...X.", "|x...x.x...x.x...|x.....x.x......."},
    Style{"folk", 72, 140, 4, 4, song, players, .01, .006, .1, "", "", "", "X.......X.......|",
          "X...x.xx..x.x.xx|X..xx.x.X..xx.x.|X...X.x.X...X.x.|x.x.x.x.x.x.x.x.",
          "|x...x.x.x...?...|x.....x...x....."},
    Style{"fingerpicking", 66, 132, 4, 4, song, piano, .01, .006, .1, "", "", "",
          "X...x...X...x...|X.......x.......", "|X...............",
          "x.x.x.x.x.x.x.x.|..x.x.x...x.x.x.|x.xxx.xxx.xxx.xx"},
    Style{"polka", 98, 142, 4, 4, song, players, .006, .003, 0, "X...X...X...X...|", "..x...x...x...x.|", "",
          "X...X...X...X...", "..X...X...X...X.", "x.x.x.x.xxx.x...|x...x.x.x.x.x.x."},
    Style{"march", 96, 128, 4, 4, song, players, .006, .002, 0, "X.......X.......|X...X...X...X...",
          "x..xx.xxx..xx.xx|....x.xx....x.xx|x.xxx.x.x.xxxxxx", "", "X.......X.......",
          "....X.......X...|..x...x...x...x.", "X...x.x.X.......|x..xX...x.x.X..."},
    Style{"bossa", 110, 152, 4, 4, song, players, .006, .003, .05, "X..xX..xX..xX..x|X.....x.X.....x.",
          "x..x..x...x..x..|..x..x..x..x..x.|", "x.x.x.x.x.x.x.x.", "X.....x.X.....x.",
          "X..x..x...x..x..|..x.x..x..x.x...", "x..x..x.x.......|x.....x...x.x..."},
    Style{"bluegrass", 92, 150, 4, 4, song, players, .007, .003, .1, "", "", "",
          "X...X...X...X...|X.......X.......", "..X...X...X...X.|..x.xxx...x.xxx.",
          "xxxxxxxxxxxxxxxx|x.xxx.xxx.xxx.xx"},
    Style{"jig", 92, 136, 4, 3, song, players, .008, .004, 0, "|X.....X.....", "|...x.....x..",
          "|x.xx.xx.xx.x", "X.....X.....|X..X..X..X..", "X..X..X..X..|x.xx.xx.xx.x",
          "xxxxxxxxxxxx|x.xxxxx.xxxx"},
    Style{"afrobeat", 98, 126, 4, 4, song, players, .005, .003, .1,
          "X...X...X...X...|X..x....X..x....|X.....x.X..x....",
          "...x..x...x.x...|....x.......x...|...x..x....x..x.", "x.xxx.xxx.xxx.xx|x.x.x.x.x.x.x.x.",
          "X..x..x...x.x...|x..x..x.x.......", "..x...x...x...x.|.xx..xx..xx..xx.", "|x..x..x...x....."},
    Style{"orchestra", 72, 166, 4, 4, song, piano, .012, .008, 0, "|X.......x.......|X.......X..x..x.",
          "|........x.......", "", "X...X...X...X...|X.......X...x...|x.x.x.x.x.x.x.x.",
          "x.x.x.x.x.x.x.x.|xxx.xxx.xxx.xxx.|X.......X.......",
          "x...x.x.x...x...|X.......x.......|x..xx...x..xx..."},
    // Machines.
    Style{"reggaeton", 84, 108, 4, 4, song, synths, .002, 0, 0, "X...X...X...X...|X.......X.......",
          "...x..x....x..x.", "x.x.x.x.x.x.x.x.|..x...x...x...x.|", "X..x..x.X..x..x.|X...............",
          "X..x..x.X..x..x.|X...............", "?.x...x...?.x...|x..x..x.x......."},
    Style{"footwork", 148, 166, 4, 4, song, synths, .002, 0, 0,
          "X..X..X.X..X..X.|X..X..X.........|X.....X...X.....", "....X.......X...|............X...",
          "..X...X...X...X.|xxxxxxxxxxxxxxxx", "X..x..x.X.......|X...............", "X..x..x.........|",
          "x..x..x.x..x..x.|"},
    Style{"happycore", 158, 186, 4, 4, song, synths, 0, 0, 0, k_four, k_backbeat,
          "..X...X...X...X.|x.X.x.X.x.X.x.X.", "..x...x...x...x.|X.x.X.x.X.x.X.x.",
          "X..X..X...X.X...|..X...X...X...X.", "x.x.x.xxx.x.x...|x..x..x.x..x..x."},
    Style{"gabber", 164, 222, 4, 4, song, synths, 0, 0, 0, k_four, "|....x.......x...", "|..X...X...X...X.",
          "|..x...x...x...x.", "|X...............", "|x..x..x.x..x..x.|x...x...x.x.x..."},
    Style{"futurebass", 132, 170, 4, 4, song, synths, 0, 0, .1,
          "X.........x.....|X.....x.......x.|X..x......x.....", "........X.......",
          "x.x.x.x.x.x.xxxx|..x...x...x...x.|", "X.......x...x...|X..x..x...x.....",
          "X..X..X...X.X...|X.x.x.X.x.x.X.x.|X.......X..X....", "x...x...x.x.....|x..x..x...x....."},
    Style{"glitch", 82, 172, 4, 4, song, synths, .003, 0, .2,
          "X..?.x..?.X..x..|X....x..X.?...x.|X.?...X...?x....",
          "....X..?....X.?.|....?X......X...|............X..?",
          "xoxoxoxoxoxoxoxo|?x?x?x?x?x?x?x?x|x..x..x..x..x.x.", "X..x..?...x.x...|X...............",
          "X...............|X.......?.......", "?..x..x.?.x..x..|"},
    Style{"minimal", 116, 132, 4, 4, song, synths, 0, 0, .1, "X...X...X...X...",
          "|......?...?.....|....x.......x...", "..x...x...x...x.|?.x.?.x.?.x.?.x.|",
          ".......x..x.....|x..x......x.....", "|..............x.|...x............", "|?..?..?...?....."},
    Style{"electroswing", 104, 132, 4, 4, song, synths, .002, 0, 1, k_four, k_backbeat,
          "x.x.x.x.x.x.x.x.|..x...x...x...x.", "X...X...X...X...|X...x.x.X...x.x.",
          "..X...X...X...X.|....X.......X...", "x.x.x.x.x...x...|x..x.x..x.x....."},
    Style{"breakcore", 168, 216, 4, 4, song, synths, .002, 0, .05,
          "X.X...?...XX....|X..X..X...X..?..|X.X.X.......X...", "....X..x.x..X..x|....X.?x.?.x?xXx",
          "x.x.x.x.x.x.x.x.|xxxxxxxxxxxxxxxx", "X.......x.....x.|X...............",
          "X...............|X.......X.......", "|x...x.x.x.......|xxxxxxxxxxxxxxxx"},
    // Games.
    Style{"chipshuffle", 96, 176, 4, 3, song, chip, 0, 0, 0, "X.....X.....|X..X..X..X..", "...X.....X..",
          "x.xx.xx.xx.x|x..x..x..x..|", "X..X..X..X..|X.xX.xX.xX.x", "|X.....X.....",
          "x.xx..x.xx.x|xxxxxxxxxxxx|x..x.xx..x.."},
    Style{"chipwaltz", 96, 190, 3, 4, song, chip, 0, 0, 0, "X...........|", "....x...x...|",
          "|x...x...x...|x.x.x.x.x.x.", "X...........|X...x...x...", "....x...x...|",
          "x.x.x.x.x.x.|x...x.x.x...|X.......x..."},
    // What sample packs hold.
    Style{"halftimeloop", 126, 172, 4, 4, loop, synths, .002, 0, .15,
          "X.....x...x.....|X..x......x..x..|X.........X.....", "........X.......|........X......?",
          "x.x.x.x.x.x.x.x.|x.x.x.x.x.xxx.x.|x...x...x...x...", "|X.....x...x.....", "", ""},
    Style{"dnbloop", 158, 182, 4, 4, loop, synths, .003, 0, .15,
          "X.........X.....|X.........x.....|X.....?...X.....", "....X.......X...|....X..?....X..?",
          "x.x.x.x.x.x.x.x.|x.xxx.xxx.xxx.xx|", "", "", ""},
    Style{"dembowloop", 84, 112, 4, 4, loop, synths, .002, 0, .05, "X...X...X...X...|X.......X.......",
          "...x..x....x..x.", "x.x.x.x.x.x.x.x.|", "|X..x..x.X..x..x.", "", ""},
    Style{"guitarloop", 78, 168, 4, 4, loop, players, .005, 0, .1, "", "", "", "|X.......X.......",
          "x.x.x.x.x.x.x.x.|X..x..x.X..x..x.|X...x.xx..x.x.xx|x.xxx.xxx.xxx.xx", "|x.x.x...x.x.x..."},
    Style{"bluesloop", 62, 148, 4, 3, loop, players, .005, 0, 0, "X.....X.....|X..?..X..X..", "...X.....X..",
          "x.xx.xx.xx.x|xxxxxxxxxxxx", "|X..X..X..X..", "|X.....x.....", ""},
    // Without a beat.
    Style{"rain", 0, 0, 0, 0, beatless, players, 0, 0, 0, "", "", "", "", "", ""},
    Style{"rubato", 0, 0, 0, 0, beatless, piano, 0, 0, 0, "", "", "", "", "", ""},
    Style{"wind", 0, 0, 0, 0, beatless, synths, 0, 0, 0, "", "", "", "", "", ""},
};

constexpr std::array k_reserved = {
    Style{"powerpop", 118, 182, 4, 4, song, players, .007, .003, 0,
          "X.....x.X.x.....|X.......X.x.....|X...x...X...x.x.", k_backbeat,
          "x.x.x.x.x.x.x.x.|X...X...X...X...", "x.x.x.x.x.x.x.x.", "x.x.x.x.x.x.x.x.|X.......X.x.x...",
          "x...x.x.x.......|x.x.x...x..x...."},
    Style{"grunge", 78, 132, 4, 4, song, players, .009, .004, .05, "X..x..x.X.x.....|X.....x.X..x....",
          "....X.......X...", "x.x.x.x.x.x.x.x.|X...X...X...X...", "X..x..x.X.x.....|x.x.x.x.x.x.x.x.",
          "X..x..x.X.x.....|X.......X.......", "|x.....x.x......."},
    Style{"samba", 88, 118, 4, 4, song, players, .006, .003, .1, "x..xX..xx..xX..x|....X.......X...",
          "x.x..x.xx.x..x.x|..x.x..x..x.x..x", "xxxxxxxxxxxxxxxx|X.xxX.xxX.xxX.xx", "X..xX..xX..xX..x",
          "x.x..x.xx.x..x.x|..x.x...x.x.....", "|x.x.x...x..x...."},
    Style{"tango", 108, 134, 4, 4, song, piano, .01, .008, 0, "", "", "", "X...x...X...x...|X.....x.X...x...",
          "X...x...X...x...|X...x.x.X...x.x.", "x.xxx.x.x...x...|x...x.x.x.x....."},
    Style{"acid", 118, 134, 4, 4, song, synths, 0, 0, .1, k_four, k_backbeat,
          "..X...X...X...X.|xxXxxxXxxxXxxxXx", "xx.xx.xxx.xx.x.x|x.xxx.x.xx.xx.xx", "|X...............",
          "|?...x...?......."},
    Style{"bassline", 128, 142, 4, 4, song, synths, 0, 0, .3, k_four, k_backbeat,
          "..X..xX...X..xX.|x.X.x.X.x.X.x.X.", "X..x..x...x..x..|..x..xx...x..xx.", "|..X..X....X..X..",
          "|x..x..x........."},
    Style{"neurofunk", 168, 178, 4, 4, song, synths, .002, 0, .05, "X.........X.....|X..x......X.....",
          "....X.......X...|....X..?....X..?", "x.x.x.x.x.x.x.x.|xxxxxxxxxxxxxxxx",
          "x.x..x..x.x..x..|X..x..x.x...x...", "|X...............", "|?.....?...?....."},
    Style{"oldschool", 86, 112, 4, 4, song, synths, .003, 0, .2,
          "X.x.......X.....|X......xX.x.....|X...x...X.X.....", "....X.......X...",
          "x.x.x.x.x.x.x.x.|xxxxxxxxxxxxxxxx", "X.x.......x.....|", "|X...............", "|?...?...x......."},
    Style{"adventure", 116, 172, 4, 4, song, chip, 0, 0, 0, "X.....x.X.x.....|X...X...X...X...", k_backbeat,
          "x.x.x.x.x.x.x.x.|x.xxx.xxx.xxx.xx", "X.x.X.x.X.x.X.x.|X..x..x.X..x..x.", "|x.xxx.xxx.xxx.xx",
          "x.x.x...x.xxx...|x..x..x.xx.x...."},
    Style{"pianopop", 66, 132, 4, 4, song, piano, .008, .004, .05, "X.......X.......|X.....x.X.......",
          "....x.......x...", "|x.x.x.x.x.x.x.x.", "X.......X.......", "X...x...x...x...|x.x.x.x.x.x.x.x.",
          "x.x.x...x.x.....|..x.x.x.x......."},
    Style{"toploop", 92, 176, 4, 4, loop, players, .003, 0, .2, "", "....x.......x...|....x..?....x..?",
          "x.xxx.xxx.xxx.xx|x.x.x.x.x.x.x.x.|..x...x...x...x.", "", "", ""},
    Style{"funkloop", 88, 122, 4, 4, loop, players, .004, 0, .2, "X.x.......x..x..|X..X..x...X.....",
          "....X..x.x..X...|....X..?....X..x", "xxxxxxxxxxxxxxxx|x.x.x.x.x.x.x.x.", "|X.x...x...x..x..", "",
          ""},
    Style{"synthloop", 88, 174, 4, 4, loop, synths, 0, 0, .05, "", "", "", "|x.x.x.x.x.x.x.x.",
          "X..x..x...x.x...|x.x.x.x.x.x.x.x.|", "x..x..x.x..x..x.|xxxxxxxxxxxxxxxx"},
    Style{"birds", 0, 0, 0, 0, beatless, players, 0, 0, 0, "", "", "", "", "", ""},
    Style{"crowd", 0, 0, 0, 0, beatless, players, 0, 0, 0, "", "", "", "", "", ""},
};

}  // namespace

std::span<const Style> wider_styles() {
  return k_wider;
}

std::span<const Style> reserved_styles() {
  return k_reserved;
}

}  // namespace kbeat::audio::corpus
