// SPDX-License-Identifier: Apache-2.0
// Cells in batches against the same devices one by one, in extended precision where a
// node between them must be found.
#include "devices/cell_law.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace arrayspice {
namespace {

constexpr std::int64_t kCells = 32;  // two rows of a panel

struct Evaluated {
  lines::Buffer i{kCells}, out{kCells}, in{kCells};
};

struct Cells {
  lines::Buffer g{kCells}, w{kCells}, b{kCells};
};

/// Conductances over three decades, voltages of either sign up to 1 V; one cell is absent
/// and one without voltage.
Cells random_cells(unsigned seed) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<> decade(-6.0, -3.0), volt(-1.0, 1.0);
  Cells cells;
  for (std::int64_t k = 0; k < kCells; ++k) {
    cells.g[k] = std::pow(10.0, decade(engine));
    cells.w[k] = volt(engine);
    cells.b[k] = volt(engine);
  }
  cells.g[5] = 0.0;
  cells.b[7] = cells.w[7];
  return cells;
}

Evaluated evaluate(lines::CellLaw& law, const lines::Buffer& w, const lines::Buffer& b) {
  Evaluated e;
  law.evaluate(0, kCells, w.data(), b.data(),
               {e.i.data(), e.out.data(), law.symmetric() ? e.out.data() : e.in.data()});
  return e;
}

/// All cells have another threshold and gain.
AccessTransistor transistor(double first_gate, double second_gate) {
  AccessTransistor t;
  t.model.vto = 0.4;
  t.model.kp = 1e-3;
  t.model.lambda = 0.1;
  t.model.gamma = 0.3;
  Mosfet1::prepare(t.model, 300.15);
  Mosfet1::prepare(std::as_const(t.model), t.instance, 300.15);
  t.gate = {first_gate, second_gate};
  t.complete(kCells);
  for (std::size_t k = 0; k < kCells; ++k) {
    t.shift[k] += 0.02 * (static_cast<double>(k % 7) - 3.0);
    t.beta[k] *= 1.0 + 0.1 * static_cast<double>(k % 3);
  }
  return t;
}

TEST(CellLaw, SinhCellsCarryTheCurrentOfTheirFormula) {
  const Cells c = random_cells(1);
  const auto law = make_cell_law({SinhCell::Model{.v0 = 0.2}, {}}, c.g, 2, Env{});
  ASSERT_TRUE(law->symmetric());
  const Evaluated e = evaluate(*law, c.w, c.b);
  for (std::int64_t k = 0; k < kCells; ++k) {
    const double x = (c.w[k] - c.b[k]) / 0.2;
    const double relative = 5e-16 * (1.0 + std::abs(x));  // rounding of x, and the rest
    EXPECT_NEAR(e.i[k], c.g[k] * 0.2 * std::sinh(x), relative * std::abs(e.i[k]));
    EXPECT_NEAR(e.out[k], c.g[k] * std::cosh(x), relative * e.out[k]);
  }
  EXPECT_EQ(e.i[5], 0.0) << "a cell without conductance carries no current";
  EXPECT_EQ(e.out[5], 0.0);
  EXPECT_EQ(e.i[7], 0.0);
}

TEST(CellLaw, CubicCellsHaveTheirQuadraticAndCubicTerms) {
  const Cells c = random_cells(2);
  const CubicCell::Model model;
  const auto law = make_cell_law({model, {}}, c.g, 2, Env{});
  const Evaluated e = evaluate(*law, c.w, c.b);
  for (std::int64_t k = 0; k < kCells; ++k) {
    CubicCell::Instance cell{.g = c.g[k]};  // the fit cancels a digit or two
    CubicCell::prepare(model, cell, 300.15);
    Residual<Dual<1>, 2> expected;
    CubicCell::equations<Dual<1>>(model, cell, Env{},
                                  {Dual<1>::variable(c.w[k] - c.b[k], 0), Dual<1>(0.0)},
                                  expected);
    const Dual<1>& i = expected.f[CubicCell::P];
    EXPECT_NEAR(e.i[k], i.value, 1e-14 * std::abs(i.value));
    EXPECT_NEAR(e.out[k], i.gradient[0], 1e-14 * std::abs(i.gradient[0]));
  }
}

/// Bisection for the node between a memory cell and its transistor, to the last bit.
template <class D>
double series_current(const typename D::Model& model, double g, const AccessTransistor& t,
                      double gate, std::int64_t k, const Cells& c) {
  const double w = c.w[k], b = c.b[k];
  const auto cell = [&](double u) {
    typename D::Instance x{.g = g};
    if constexpr (requires { D::prepare(model, x, 300.15); })
      D::prepare(model, x, 300.15);
    Residual<double, 2> out;
    D::template equations<double>(model, x, Env{}, {w, u}, out);
    return out.f[D::P];
  };
  const auto excess = [&](double u) { return cell(u) - t.current(u, b, gate, k); };
  double low = std::min(w, b), high = std::max(w, b);
  for (int step = 0; step < 200; ++step) {
    const double middle = 0.5 * (low + high);
    (excess(middle) > 0.0 ? low : high) = middle;
  }
  // The better conditioned of the two currents at the root.
  const double by_cell = cell(low), by_access = t.current(low, b, gate, k);
  const double cell_error = std::abs(cell(high) - by_cell);
  return cell_error < std::abs(t.current(high, b, gate, k) - by_access) ? by_cell
                                                                        : by_access;
}

template <class D>
void expect_series(const typename D::Model& model, unsigned seed, double gate) {
  const Cells c = random_cells(seed);
  const AccessTransistor t = transistor(gate, 0.7);
  const auto law = make_cell_law({model, t}, c.g, 2, Env{});
  ASSERT_FALSE(law->symmetric());
  // Warm starts from elsewhere, and cold: the same currents.
  const lines::Buffer zero(kCells);
  for (const bool warm : {true, false}) {
    if (!warm) law->start();
    if (warm) evaluate(*law, zero, zero);
    if (warm) evaluate(*law, c.b, c.w);
    const Evaluated e = evaluate(*law, c.w, c.b);
    for (std::int64_t k = 0; k < kCells; ++k) {
      const double expected =
          series_current<D>(model, c.g[k], t, k < lines::kWidth ? gate : 0.7, k, c);
      EXPECT_NEAR(e.i[k], expected, 2e-14 * std::abs(expected) + 1e-22)
          << "cell " << k << ", w " << c.w[k] << ", b " << c.b[k] << ", g " << c.g[k];
    }
  }
}

/// A transistor of a threshold and gain of its own is one of a model with these.
TEST(CellLaw, TransistorsThatDifferAreThoseOfTheirOwnModels) {
  const Cells c = random_cells(9);
  const AccessTransistor differ = transistor(1.2, 0.9);
  const Evaluated e =
      evaluate(*make_cell_law({OhmicCell::Model{}, differ}, c.g, 2, {}), c.w, c.b);
  for (std::int64_t k = 0; k < kCells; ++k) {
    AccessTransistor alike = differ;
    alike.shift.clear();
    alike.beta.clear();
    alike.model = {};
    alike.model.vto = 0.4 + 0.02 * (static_cast<double>(k % 7) - 3.0);
    alike.model.kp = 1e-3 * (1.0 + 0.1 * static_cast<double>(k % 3));
    alike.model.lambda = 0.1;
    alike.model.gamma = 0.3;
    Mosfet1::prepare(alike.model, 300.15);
    Mosfet1::prepare(std::as_const(alike.model), alike.instance, 300.15);
    const Evaluated one =
        evaluate(*make_cell_law({OhmicCell::Model{}, alike}, c.g, 2, {}), c.w, c.b);
    EXPECT_NEAR(e.i[k], one.i[k], 1e-13 * std::abs(one.i[k])) << k;
    EXPECT_NEAR(e.out[k], one.out[k], 1e-9 * std::abs(one.out[k]) + 1e-20) << k;
  }
}

TEST(CellLaw, ACellInSeriesWithATransistorCarriesTheCurrentOfBoth) {
  for (const double gate : {1.8, 0.9, 0.3, -1.0}) {
    expect_series<OhmicCell>({}, 3, gate);
    expect_series<SinhCell>({}, 4, gate);
    expect_series<CubicCell>({}, 5, gate);
  }
}

TEST(CellLaw, ACellInSeriesWithASelectorCarriesTheCurrentOfBoth) {
  const Cells c = random_cells(8);
  for (const Selector::Model selector :
       {Selector::Model{}, Selector::Model{.i0 = 1e-18, .v0 = 0.026}}) {
    const auto law =
        make_cell_law({OhmicCell::Model{}, SeriesSelector{selector}}, c.g, 2, Env{});
    ASSERT_TRUE(law->symmetric());
    const Evaluated e = evaluate(*law, c.w, c.b);
    for (std::int64_t k = 0; k < kCells; ++k) {
      // What is left of  V - R I - V0 asinh(I/I0),  as a current; rounding of V.
      const double v = c.w[k] - c.b[k], r = 1.0 / c.g[k], i = e.i[k];
      const double slope = 1.0 / (r + selector.v0 / std::hypot(i, selector.i0));
      const double left =
          c.g[k] == 0.0 ? i
                        : slope * (v - r * i - selector.v0 * std::asinh(i / selector.i0));
      EXPECT_NEAR(
          left, 0.0,
          1e-15 * (std::abs(c.w[k]) + std::abs(c.b[k])) * slope + 4e-15 * std::abs(i))
          << "cell " << k;
      EXPECT_NEAR(e.out[k], c.g[k] == 0.0 ? 0.0 : slope, 1e-9 * slope) << "cell " << k;
    }
  }
}

TEST(CellLaw, SlopesOfASeriesCellAreItsDifferenceQuotients) {
  const Cells c = random_cells(6);
  const auto law = make_cell_law({SinhCell::Model{}, transistor(1.2, 0.8)}, c.g, 2, {});
  const Evaluated e = evaluate(*law, c.w, c.b);
  const double h = 1e-6;
  const auto shifted = [](const lines::Buffer& v, double by) {
    lines::Buffer result(kCells);
    for (std::int64_t k = 0; k < kCells; ++k) result[k] = v[k] + by;
    return result;
  };
  const Evaluated w1 = evaluate(*law, shifted(c.w, h), c.b);
  const Evaluated w0 = evaluate(*law, shifted(c.w, -h), c.b);
  const Evaluated b1 = evaluate(*law, c.w, shifted(c.b, h));
  const Evaluated b0 = evaluate(*law, c.w, shifted(c.b, -h));
  for (std::int64_t k = 0; k < kCells; ++k) {
    // Third derivatives times h^2, and rounding over h.
    const double error = 1e-9 * c.g[k] + 1e-9 * std::abs(e.out[k] + e.in[k]) + 1e-16;
    EXPECT_NEAR(e.out[k], (w1.i[k] - w0.i[k]) / (2 * h), 30 * error) << k;
    EXPECT_NEAR(e.in[k], -(b1.i[k] - b0.i[k]) / (2 * h), 30 * error) << k;
  }
}

TEST(CellLaw, ATransistorThatIsOffLetsNothingPass) {
  const Cells c = random_cells(7);
  const auto law =
      make_cell_law({OhmicCell::Model{}, transistor(-2.0, -2.0)}, c.g, 2, {});
  const Evaluated e = evaluate(*law, c.w, c.b);
  for (std::int64_t k = 0; k < kCells; ++k) {
    EXPECT_NEAR(e.i[k], 0.0, 1e-30);
    EXPECT_EQ(e.out[k], 0.0);
    EXPECT_EQ(e.in[k], 0.0);
  }
}

}  // namespace
}  // namespace arrayspice
