#include <eucv/nn/host/winograd_transform.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

using namespace eucv::nn::detail::winograd;
using number = eucv::nn::packet<double>;

namespace {

template <class Line>
std::vector<double> apply(const std::array<double, Line::from>& values) {
  line<double, Line::from> in;
  for (std::size_t i = 0; i < Line::from; ++i) in[i] = number::broadcast(&values[i]);
  std::vector<double> out;
  for (const number& each : Line::template apply<double>(in)) {
    std::array<double, number::size> copies;
    each.store(copies.data());
    for (const double copy : copies) CHECK(copy == copies[0]);
    out.push_back(copies[0]);
  }
  return out;
}

// The matrix of a transform: column i is what becomes of the i-th unit vector.
template <class Line>
std::vector<std::vector<double>> columns() {
  std::vector<std::vector<double>> all;
  for (std::size_t i = 0; i < Line::from; ++i) {
    std::array<double, Line::from> unit{};
    unit[i] = 1;
    all.push_back(apply<Line>(unit));
  }
  return all;
}

} // namespace

TEST_CASE("the transforms make a correlation of products at the points") {
  const auto bt = columns<of_input>(), at = columns<to_output>(), g = columns<of_weight>();
  // y[i] must be the sum over k of d[i + k] g[k]: the coefficient of d[j] g[k] in y[i] is 1 where j = i + k, else 0.
  for (std::size_t i = 0; i < side; ++i)
    for (std::size_t j = 0; j < points; ++j)
      for (std::size_t k = 0; k < taps; ++k) {
        double coefficient = 0;
        for (std::size_t point = 0; point < points; ++point) coefficient += at[point][i] * bt[j][point] * g[k][point];
        CHECK(coefficient == doctest::Approx(j == i + k ? 1 : 0).epsilon(1e-14));
      }
}

TEST_CASE("the transforms of gradients are the transposes of the others") {
  const auto at = columns<to_output>(), a_columns = columns<of_gradient>();
  const auto g = columns<of_weight>(), gt = columns<to_weight_gradient>();
  for (std::size_t point = 0; point < points; ++point) {
    for (std::size_t i = 0; i < side; ++i) CHECK(a_columns[i][point] == at[point][i]);
    for (std::size_t k = 0; k < taps; ++k) CHECK(gt[point][k] == doctest::Approx(g[k][point]).epsilon(1e-15));
  }
}

TEST_CASE("a transform of a square goes over its rows and its columns") {
  std::array<double, 9> square;
  for (std::size_t i = 0; i < 9; ++i) square[i] = static_cast<double>(i * i) - 5;
  const auto g = columns<of_weight>();
  transform<of_weight, double>([&](auto row, auto column) { return number::broadcast(&square[row * taps + column]); },
                               [&](auto row, auto column, const number& value) {
                                 double expected = 0;
                                 for (std::size_t i = 0; i < taps; ++i)
                                   for (std::size_t j = 0; j < taps; ++j)
                                     expected += g[i][row] * g[j][column] * square[i * taps + j];
                                 std::array<double, number::size> copies;
                                 value.store(copies.data());
                                 CHECK(copies[0] == doctest::Approx(expected).epsilon(1e-14));
                               });
}
