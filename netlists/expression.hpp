// SPDX-License-Identifier: Apache-2.0
// Expressions as ngspice writes them: in braces or quotes, in B sources, in `.param`,
// `.measure`, `.print`. Parsed once into a tree; then evaluated with the parameters of a
// scope, or compiled into a Program when they refer to voltages, currents or time.
//
// One deliberate difference: in a source, x^n with a whole constant n is the ordinary
// power (a cubic stays odd), where ngspice takes |x|^n; other exponents follow ngspice.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devices/program.hpp"
#include "netlists/diagnostic.hpp"

namespace arrayspice {

/// A number as SPICE writes it: digits, exponent, scale suffix (t g meg k m u n p f a
/// mil, any case), trailing unit letters ignored. The whole text must be a number;
/// overflow, nan and inf are refused (nullopt).
std::optional<double> parse_number(std::string_view text);

/// Something outside the expression that it refers to. Names are lower case.
struct Reference {
  enum class Kind { Name, Voltage, Current, DeviceParameter };
  Kind kind = Kind::Name;
  std::string first;   ///< x | a of v(a,b) | device of i(device) | device of @device[p]
  std::string second;  ///< b of v(a,b) | p of @device[p]
  friend bool operator==(const Reference&, const Reference&) = default;
};

class Expression;

/// A `.func`: parameters and body.
struct Function {
  std::vector<std::string> parameters;
  std::shared_ptr<const Expression> body;
};

/// Where names get their values. `time` and `temper` are ordinary names: a scope that
/// does not know them leaves them to the resolver.
class NameScope {
 public:
  virtual ~NameScope() = default;
  virtual std::optional<double> value(std::string_view name) const = 0;
  virtual const Function* function(std::string_view name) const = 0;
  /// Names in sight, to suggest the nearest one.
  virtual std::vector<std::string_view> names() const = 0;
};

class Expression {
 public:
  struct Node;

  /// Parses `text`, without its outer braces or quotes. `at` is the place of text[0];
  /// errors are reported at at.column + offset. Nullopt after an error.
  static std::optional<Expression> parse(std::string_view text, Location at,
                                         Diagnostics& diagnostics);

  /// References to the circuit or to names, each once, in order of appearance; calls of
  /// `.func` functions are looked into when `scope` is given.
  std::vector<Reference> references(const NameScope* scope = nullptr) const;

  /// The value with every name from scope. Voltages and currents, unknown names, wrong
  /// arguments and a result that is not finite are errors.
  std::optional<double> evaluate(const NameScope& scope, Diagnostics& diagnostics) const;

  /// Index of the program input that carries a reference, or nullopt when it does not
  /// exist (reported as an error that names it). v(a,b) may be asked for as one
  /// reference.
  using Resolver = std::function<std::optional<std::int32_t>(const Reference&)>;
  /// Compiles with parameters from scope folded into constants. `inputs` is the number of
  /// inputs that the resolver may have handed out once it is done.
  std::optional<Program> compile(const NameScope& scope, const Resolver& resolve,
                                 Diagnostics& diagnostics) const;

  Location where() const { return where_; }

 private:
  template <class Machine>
  friend class ExpressionWalk;
  std::shared_ptr<const Node> root_;
  Location where_;
};

}  // namespace arrayspice
