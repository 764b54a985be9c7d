// SPDX-License-Identifier: Apache-2.0
// CORAL: outputs as a short sum of matrix products that are made for one set of
// conductances from an anchored start (docs/models.md has the equations). For inputs from
// 0 to the largest.
#pragma once

#include <Eigen/Dense>
#include <array>
#include <span>
#include <vector>

#include "behavior/anchored_model.hpp"
#include "behavior/warm_start.hpp"

namespace arrayspice {

class CoralTables {
 public:
  /// Leaves the array in some state. The start must outlive the tables.
  CoralTables(const AnchoredSettings& settings, int products, const WarmStart& start,
              LineArray& array);

  std::vector<double> outputs(std::span<const double> input) const;

 private:
  static constexpr int kRank = 4;       // functions of a row
  static constexpr int kMonomials = 6;  // of the state of a column
  using Monomials = std::array<Eigen::ArrayXd, kMonomials>;

  /// What every cell adds to the output of its column, as weights of the monomials.
  using Currents = std::array<Grid, kMonomials>;

  struct Product {
    int function, monomial;
    RowMatrix c;  // rows x columns
  };

  static Monomials monomials(const States& t);
  States scaled(const States& s) const;
  void fit_environment(const Matrix& anchors);
  Eigen::MatrixXd environment_features(const Eigen::VectorXd& u1, double m) const;
  Eigen::VectorXd environment(const WarmStart::Parts::Predicted& at) const;
  std::vector<Currents> cell_currents(const AnchoredSettings& settings,
                                      LineArray& array) const;
  Grid column_transfer(LineArray& array) const;
  void factor(const AnchoredSettings& settings, std::vector<Currents> currents,
              int products);
  void find_row_functions(const AnchoredSettings& settings, const Eigen::MatrixXd& x);
  Eigen::MatrixXd row_functions(std::span<const double> input,
                                const Eigen::VectorXd& u) const;

  const WarmStart::Parts& start_;
  double per_volt_, u_max_ = 1.0;
  Eigen::VectorXd u_fit_;
  std::array<Eigen::ArrayXd, kMonomials> rest_;  // columns
  std::vector<Product> products_;
  /// Coefficients (power x function) at u = 0 and of u / u_max.
  std::array<Eigen::MatrixXd, 2> chi_;
};

/// Outputs (batch x columns) of an array; inputs are (batch x rows).
Matrix coral_outputs(const LineModel& model, const AnchoredSettings& settings,
                     int products, const Matrix& conductances, const Matrix& inputs);

}  // namespace arrayspice
