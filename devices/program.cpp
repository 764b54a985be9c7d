// SPDX-License-Identifier: Apache-2.0
#include "devices/program.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "devices/operation.hpp"

namespace arrayspice {

namespace {
/// Results and adjoints of programs up to this length live on the stack.
constexpr std::size_t kOnStack = 256;

void add(double* adjoint, std::int32_t operand, double share) {
  adjoint[operand] = detail::saturate(adjoint[operand] + detail::saturate(share));
}
}  // namespace

TableValue look_up(const Program::Table& table, double x) {
  const std::size_t n = table.x.size();
  if (n == 1) return {table.y[0], 0.0};
  const auto above = std::upper_bound(table.x.begin(), table.x.end(), x);
  if (!table.extrapolates) {
    if (above == table.x.begin()) return {table.y.front(), 0.0};
    if (above == table.x.end()) return {table.y.back(), 0.0};
  }
  const auto right = std::clamp<std::size_t>(
      static_cast<std::size_t>(above - table.x.begin()), 1, n - 1);
  const double x0 = table.x[right - 1], y0 = table.y[right - 1];
  const double slope = (table.y[right] - y0) / (table.x[right] - x0);
  return {y0 + slope * (x - x0), slope};
}

Program::Program(std::vector<Instruction> code, std::int32_t inputs,
                 std::vector<Table> tables)
    : code_(std::move(code)), tables_(std::move(tables)), inputs_(inputs) {
  assert(!code_.empty());
}

void Program::run(std::span<const double> u, double* result) const {
  for (std::size_t k = 0; k < code_.size(); ++k) {
    const Instruction& i = code_[k];
    switch (i.op) {
      case Op::Constant:
        result[k] = i.value;
        break;
      case Op::Input:
        result[k] = u[i.a];
        break;
      case Op::Table:
        result[k] = detail::saturate(look_up(tables_[i.b], result[i.a]).y);
        break;
      default:
        result[k] = apply<Domain::Total>(i.op, result[i.a], i.b < 0 ? 0.0 : result[i.b],
                                         i.c < 0 ? 0.0 : result[i.c]);
    }
  }
}

/// With y the last result, adjoint[k] = dy/d result[k], from the last instruction to the
/// first:  adjoint[operand] += adjoint[k] * d result[k]/d result[operand].
void Program::reverse(const double* result, double* adjoint,
                      std::span<double> gradient) const {
  adjoint[code_.size() - 1] = 1.0;
  for (std::size_t k = code_.size(); k-- > 0;) {
    const Instruction& i = code_[k];
    const double outer = adjoint[k];
    if (outer == 0.0 || i.op == Op::Constant) continue;
    if (i.op == Op::Input) {
      gradient[i.a] = detail::saturate(gradient[i.a] + outer);
    } else if (i.op == Op::Table) {
      add(adjoint, i.a, outer * look_up(tables_[i.b], result[i.a]).slope);
    } else {
      const double b = i.b < 0 ? 0.0 : result[i.b], c = i.c < 0 ? 0.0 : result[i.c];
      const Partials inner = partials(i.op, result[i.a], b, c, result[k]);
      if (inner.a != 0.0) add(adjoint, i.a, outer * inner.a);
      if (i.b >= 0 && inner.b != 0.0) add(adjoint, i.b, outer * inner.b);
      if (i.c >= 0 && inner.c != 0.0) add(adjoint, i.c, outer * inner.c);
    }
  }
}

double Program::evaluate(std::span<const double> u) const {
  if (code_.size() <= kOnStack) {
    std::array<double, kOnStack> result;
    run(u, result.data());
    return result[code_.size() - 1];
  }
  std::vector<double> result(code_.size());
  run(u, result.data());
  return result.back();
}

double Program::evaluate(std::span<const double> u, std::span<double> gradient) const {
  const std::size_t n = code_.size();
  std::fill(gradient.begin(), gradient.end(), 0.0);
  if (n <= kOnStack) {
    std::array<double, kOnStack> result, adjoint;
    std::fill_n(adjoint.begin(), n, 0.0);
    run(u, result.data());
    reverse(result.data(), adjoint.data(), gradient);
    return result[n - 1];
  }
  std::vector<double> work(2 * n, 0.0);
  run(u, work.data());
  reverse(work.data(), work.data() + n, gradient);
  return work[n - 1];
}

}  // namespace arrayspice
