// SPDX-License-Identifier: Apache-2.0
// The device interface. A device is its equations: the currents and charges of its pins
// as functions of the pin values. Derivatives, stamps, integration and parameter handling
// are written once, in block.hpp, for all devices.
//
// A device type D is a struct with
//
//   static constexpr std::string_view kName;         "diode"
//   enum : std::size_t { A, K, ... };                pin indices, in the order of kPins
//   static constexpr std::array kPins{Pin{...}...};  externals first, then internals
//   static constexpr std::array kBranches{...};      how pins connect in DC
//   struct Model {...};                              parameters of a model card and of
//   struct Instance {...};                           an element, defaults as initialisers
//   static constexpr std::array kModelParameters{Param<Model>{...}...};  may be empty
//   static constexpr std::array kInstanceParameters{Param<Instance>{...}...};
//
//   template <class T>
//   static void equations(const Model&, const Instance&, const Env&,
//                         const std::array<T, N>& v, Residual<T, N>& out);
//
// and optionally
//
//   static constexpr bool kLinear = true;
//       constant Jacobian: stamped only once
//   static constexpr std::array kCouplings{Coupling{row, column, charge_only}...};
//       the Jacobian entries that can be non-zero; absent: all N*N
//   static void prepare(Model&, double temperature);
//   static void prepare(const Model&, Instance&, double temperature);
//       derived constants; throw std::invalid_argument
//   static std::size_t collapse(const Model&, const Instance&, std::size_t pin);
//       external pin that the internal pin coincides with, or kOwnUnknown
//   static std::span<const Branch> branches(const Model&);
//       in place of kBranches
//   static bool limit(const Model&, const Instance&, std::array<double, N>& v,
//                     const std::array<double, N>* previous);
//       moves v to where the device is to be linearised; previous is where it was last
//       (null: first time); returns whether v changed
//   static double next_breakpoint(const Instance&, double t);
//   static void initial_pins(const Instance&, std::array<double, N>& v);
//       `ic=` under uic
//   static int initial_state(const Instance&);
//   static int next_state(const Model&, const Instance&, int state,
//                         const std::array<double, N>& v);
//       switches: a discrete state; equations() then takes it as a further argument
//
// Sign convention: a current into a pin is positive; f + dq/dt = 0 in every row.
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "solver/dual.hpp"
#include "solver/system.hpp"

namespace arrayspice {

/// Wired by the netlist, or an unknown owned by the instance (branch current, state).
enum class Scope : std::uint8_t { External, Internal };

struct Pin {
  std::string_view name;
  Scope scope = Scope::External;
  Quantity quantity = Quantity::Voltage;
};

/// How two pins are connected in an operating point. `Open` (a capacitor) gives no path,
/// `Current` carries a current of its own, `Controlled` one that other unknowns set.
enum class BranchKind : std::uint8_t {
  Conductance,
  Voltage,
  Inductor,
  Current,
  Controlled,
  Open
};
struct Branch {
  std::size_t from;
  std::size_t to;
  BranchKind kind;
};

struct Coupling {
  std::size_t row;
  std::size_t column;
  bool charge_only = false;  ///< filled by dq/dx alone: absent from an operating point
};

/// Marks a parameter without a default, to be derived in prepare() when the user is
/// silent.
inline constexpr double kNotGiven = std::numeric_limits<double>::quiet_NaN();
inline bool given(double parameter) { return !std::isnan(parameter); }
inline constexpr std::size_t kOwnUnknown = static_cast<std::size_t>(-1);

struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool low_is_open = false;  ///< the bound itself is not allowed
  bool contains(double x) const {
    return (low_is_open ? x > low : x >= low) && x <= high;
  }
};
inline constexpr Range kAny{};
inline constexpr Range kPositive{0.0, std::numeric_limits<double>::infinity(), true};
inline constexpr Range kNotNegative{0.0, std::numeric_limits<double>::infinity(), false};

/// One row of a parameter table. The default is the member's initialiser, nowhere else.
/// The first row of an instance table is the principal (positional) parameter.
template <class P>
struct Param {
  std::string_view name;
  double P::*member;
  std::string_view unit;
  Range range;
  std::string_view doc;
};

/// Where equations() writes, per pin: currents f in ampere and charges q in coulomb.
template <class T, std::size_t N>
struct Residual {
  std::array<T, N> f{};
  std::array<T, N> q{};
  /// A current i flows into pin `from`, through the device, and out of pin `to`.
  void current(std::size_t from, std::size_t to, const T& i) {
    f[from] += i;
    f[to] -= i;
  }
  void charge(std::size_t from, std::size_t to, const T& c) {
    q[from] += c;
    q[to] -= c;
  }
};

template <class D>
inline constexpr std::size_t kPinCount = D::kPins.size();

template <class D>
concept DeviceModel = requires {
  typename D::Model;
  typename D::Instance;
  { D::kName } -> std::convertible_to<std::string_view>;
  D::kPins;
  D::kBranches;
  D::kModelParameters;
  D::kInstanceParameters;
};

template <class D>
concept Limiting = requires(const typename D::Model& m, const typename D::Instance& i,
                            std::array<double, kPinCount<D>>& v) {
  D::limit(m, i, v, &v);
};

template <class D>
concept Switching = requires(const typename D::Model& m, const typename D::Instance& i,
                             const std::array<double, kPinCount<D>>& v) {
  D::next_state(m, i, 0, v);
};

template <class D>
concept InitialPins = requires(const typename D::Instance& i,
                               std::array<double, kPinCount<D>>& v) {
  D::initial_pins(i, v);
};

template <class D>
concept Linear = requires {
  requires D::kLinear;
};

}  // namespace arrayspice
