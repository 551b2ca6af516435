// A picture to draw on, as PNG or SVG; knows nothing of music.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "kbeat/audio/plot_data.hpp"

namespace kbeat::plot {

enum class PictureForm { png, svg };
enum class Align { left, centre, right };

struct Point {
  double x = 0, y = 0;
};

/// In pixels from the upper left corner.
struct Rect {
  double x = 0, y = 0, width = 0, height = 0;

  [[nodiscard]] double right() const { return x + width; }
  [[nodiscard]] double bottom() const { return y + height; }
};

/// Each from 0 to 1.
struct Colour {
  double red = 0, green = 0, blue = 0, opacity = 1;
};

struct Pen {
  Colour colour;
  double width = 1;  ///< pixels
};

/// White paper of a given size. For one thread.
class Canvas {
 public:
  Canvas(PictureForm form, double width, double height);
  ~Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;

  void line(Point from, Point to, const Pen& pen);
  void curve(std::span<const Point> points, const Pen& pen);
  void fill(std::span<const Point> outline, const Colour& colour);
  /// The text's baseline begins, is centred or ends at the point; `size` in pixels.
  void text(Point at, const std::string& words, Align align, double size);
  /// The same from bottom to top.
  void upright_text(Point at, const std::string& words, double size);
  /// Row 0 at the bottom; 0 is white, 255 black, in between darker and darker, in print too.
  void image(const Rect& place, const audio::PlotGrid& grid);

  /// The whole picture; nothing can be drawn afterwards. Throws Error{internal} when Cairo failed.
  [[nodiscard]] std::string finish();

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace kbeat::plot
