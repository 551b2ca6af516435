// A picture on a Cairo surface.
#include "kbeat/plot/canvas.hpp"

#include <cairo-svg.h>
#include <cairo.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/handle.hpp"

namespace kbeat::plot {
namespace {

using Surface = Handle<cairo_surface_t, cairo_surface_destroy>;
using Context = Handle<cairo_t, cairo_destroy>;

cairo_status_t append_bytes(void* bytes, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

Surface make_surface(PictureForm form, double width, double height, std::string& bytes) {
  if (form == PictureForm::svg)
    return Surface(cairo_svg_surface_create_for_stream(append_bytes, &bytes, width, height));
  return Surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height)));
}

/// From white over blue to black, with a luminance that only falls.
std::uint32_t shade(std::uint8_t cell) {
  const double depth = cell / 255.0;
  const auto channel = [depth](double bend) {
    return static_cast<std::uint32_t>(std::lround(255 * std::pow(1 - depth, bend)));
  };
  return channel(1.8) << 16 | channel(1.1) << 8 | channel(0.6);
}

}  // namespace

struct Canvas::State {
  PictureForm form;
  std::string bytes;
  Surface surface;
  Context context;

  State(PictureForm kind, double width, double height)
      : form(kind), surface(make_surface(kind, width, height, bytes)), context(cairo_create(surface.get())) {}

  void choose(const Pen& pen) const {
    choose(pen.colour);
    cairo_set_line_width(context.get(), pen.width);
  }
  void choose(const Colour& colour) const {
    cairo_set_source_rgba(context.get(), colour.red, colour.green, colour.blue, colour.opacity);
  }
  void trace(std::span<const Point> points) const {
    cairo_new_path(context.get());
    for (const Point& point : points) cairo_line_to(context.get(), point.x, point.y);
  }
  void check() const {
    cairo_status_t status = cairo_status(context.get());
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface.get());
    if (status == CAIRO_STATUS_SUCCESS) return;
    throw Error(ErrorCode::internal, fmt::format("cannot draw the plot: {}", cairo_status_to_string(status)));
  }
};

Canvas::Canvas(PictureForm form, double width, double height)
    : m_state(std::make_unique<State>(form, width, height)) {
  m_state->choose(Colour{1, 1, 1});
  cairo_paint(m_state->context.get());
  cairo_select_font_face(m_state->context.get(), "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         CAIRO_FONT_WEIGHT_NORMAL);
}

Canvas::~Canvas() = default;

void Canvas::line(Point from, Point to, const Pen& pen) {
  const std::array ends{from, to};
  curve(ends, pen);
}

void Canvas::curve(std::span<const Point> points, const Pen& pen) {
  m_state->choose(pen);
  m_state->trace(points);
  cairo_stroke(m_state->context.get());
}

void Canvas::fill(std::span<const Point> outline, const Colour& colour) {
  m_state->choose(colour);
  m_state->trace(outline);
  cairo_fill(m_state->context.get());
}

void Canvas::text(Point at, const std::string& words, Align align, double size) {
  cairo_t* const context = m_state->context.get();
  m_state->choose(Colour{});
  cairo_set_font_size(context, size);
  cairo_text_extents_t extents{};
  cairo_text_extents(context, words.c_str(), &extents);
  const double share = align == Align::left ? 0 : align == Align::centre ? 0.5 : 1;
  cairo_move_to(context, at.x - share * extents.x_advance, at.y);
  cairo_show_text(context, words.c_str());
}

void Canvas::upright_text(Point at, const std::string& words, double size) {
  cairo_t* const context = m_state->context.get();
  cairo_save(context);
  cairo_translate(context, at.x, at.y);
  cairo_rotate(context, -std::numbers::pi / 2);
  text({}, words, Align::centre, size);
  cairo_restore(context);
}

void Canvas::image(const Rect& place, const audio::PlotGrid& grid) {
  const auto width = static_cast<int>(grid.columns);
  const auto height = static_cast<int>(grid.rows);
  const Surface pixels(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
  unsigned char* const data = cairo_image_surface_get_data(pixels.get());
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(pixels.get()));
  for (std::size_t row = 0; row < grid.rows; ++row) {
    auto* const line = reinterpret_cast<std::uint32_t*>(data + (grid.rows - 1 - row) * stride);
    for (std::size_t column = 0; column < grid.columns; ++column)
      line[column] = shade(grid.cells[row * grid.columns + column]);
  }
  cairo_surface_mark_dirty(pixels.get());
  cairo_t* const context = m_state->context.get();
  cairo_save(context);
  cairo_translate(context, place.x, place.y);
  cairo_scale(context, place.width / width, place.height / height);
  cairo_set_source_surface(context, pixels.get(), 0, 0);
  cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST);
  cairo_paint(context);
  cairo_restore(context);
}

std::string Canvas::finish() {
  m_state->check();
  if (m_state->form == PictureForm::png) {
    cairo_surface_write_to_png_stream(m_state->surface.get(), append_bytes, &m_state->bytes);
  } else {
    cairo_surface_finish(m_state->surface.get());
  }
  return std::move(m_state->bytes);
}

}  // namespace kbeat::plot
