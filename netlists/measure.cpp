// SPDX-License-Identifier: Apache-2.0
#include "netlists/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "netlists/messages.hpp"
#include "netlists/text_scanner.hpp"
#include "netlists/values.hpp"

namespace arrayspice {

namespace {

using Event = Measure::Event;
using Kind = Measure::Kind;

struct Word {
  std::string_view text;
  Kind kind;
};
constexpr Word kKinds[] = {
    {"trig", Kind::Interval},     {"find", Kind::Find},
    {"when", Kind::When},         {"count", Kind::Count},
    {"deriv", Kind::Derivative},  {"derivative", Kind::Derivative},
    {"avg", Kind::Average},       {"rms", Kind::Rms},
    {"min", Kind::Minimum},       {"max", Kind::Maximum},
    {"pp", Kind::PeakToPeak},     {"integ", Kind::Integral},
    {"integral", Kind::Integral}, {"min_at", Kind::MinimumAt},
    {"max_at", Kind::MaximumAt},  {"param", Kind::Parameter},
};

/// What may follow `name=` in each form, in the order in which a message lists it.
constexpr std::string_view kOfAggregate = "from to", kOfPlace = "at",
                           kOfCrossing = "td rise fall cross from to",
                           kOfTrigger = "val at td rise fall cross from to";

bool is_listed(std::string_view name, std::string_view list) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (list.substr(0, end) == name) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

class MeasureReader {
 public:
  MeasureReader(const TextCommand& command, const NameScope& scope,
                Diagnostics& diagnostics)
      : in_(command.text, command.where), scope_(scope), diagnostics_(diagnostics) {
    measure_.where = command.where;
  }

  std::optional<Measure> read() {
    in_.word();  // .measure, meas
    if (!read_analysis() || !read_name() || !read_body()) return std::nullopt;
    if (!in_.done())
      return refuse(fmt::format("'{}' is not expected here", in_.peek_word())),
             std::nullopt;
    return std::move(measure_);
  }

 private:
  bool refuse(std::string text) { return refuse(in_.here(), std::move(text)); }
  bool refuse(Location where, std::string text) {
    diagnostics_.error(message::kMeasure, where, std::move(text));
    return false;
  }

  bool read_analysis() {
    const Location where = in_.here();
    const std::string word = in_.word();
    if (word == "tran") {
      measure_.analysis = Measure::Analysis::Tran;
    } else if (word == "dc") {
      measure_.analysis = Measure::Analysis::Dc;
    } else if (word == "op") {
      measure_.analysis = Measure::Analysis::Op;
    } else {
      return refuse(where, "the form is .measure tran|dc|op name ...");
    }
    return true;
  }

  bool read_name() {
    measure_.name = in_.word();
    return !measure_.name.empty() || refuse("the name of the result is missing");
  }

  bool read_body() {
    const Location where = in_.here();
    const std::string word = in_.word();
    const auto* found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                     [&](const Word& w) { return w.text == word; });
    if (found == std::end(kKinds)) return refuse(where, unknown_kind(word));
    measure_.kind = found->kind;
    switch (found->kind) {
      case Kind::Interval:
        return read_event(measure_.event, "targ") && read_target();
      case Kind::When:
      case Kind::Count:
        return read_when();
      case Kind::Parameter:
        return expect('=') && read_expression(measure_.expression, false);
      case Kind::Find:
      case Kind::Derivative:
        return read_expression(measure_.expression, false) && read_place();
      default:
        return read_expression(measure_.expression, false) && read_rest(kOfAggregate);
    }
  }

  static std::string unknown_kind(std::string_view word) {
    std::vector<std::string_view> names;
    for (const Word& w : kKinds) names.push_back(w.text);
    return fmt::format(
        "there is no measure '{}'{}; trig, find, when, count, deriv, avg, rms, min, "
        "max, pp, integ, min_at, max_at and param are",
        word, suggestion(word, names));
  }

  bool expect(char c) {
    return in_.accept(c) || refuse(fmt::format("'{}' is expected here", c));
  }

  bool read_expression(std::optional<Expression>& into, bool up_to_equal) {
    const auto text = in_.expression(up_to_equal);
    if (text.text.empty())
      return refuse("a voltage, current or expression is expected here");
    into = Expression::parse(text.text, text.where, diagnostics_);
    return into.has_value();
  }

  bool read_number(double& into) {
    std::optional<Expression> expression;
    if (!read_expression(expression, false)) return false;
    const auto value = expression->evaluate(scope_, diagnostics_);
    if (value) into = *value;
    return value.has_value();
  }

  /// `v(a) val=0.5 rise=1 td=1n` or `at=1n`; ends before the word `end`.
  bool read_event(Event& event, std::string_view end) {
    const bool is_instant = in_.peek_word() == "at";
    if (!is_instant && !read_expression(event.signal, false)) return false;
    while (!in_.done() && in_.peek_word() != end)
      if (!read_option(event, is_instant ? kOfPlace : kOfTrigger)) return false;
    if (event.at || event.level) return true;
    return refuse("val= or at= is missing");
  }

  bool read_target() {
    const Location where = in_.here();
    if (in_.word() != "targ") return refuse(where, "targ is missing after trig");
    return read_event(measure_.target, "");
  }

  /// The rest of `when v(a)=0.5 rise=1 from=1n`.
  bool read_when() {
    return read_expression(measure_.event.signal, true) && expect('=') &&
           read_expression(measure_.event.level, false) && read_rest(kOfCrossing);
  }

  /// `at=1u` or `when ...`
  bool read_place() {
    const Location where = in_.here();
    if (in_.peek_word() == "when") {
      in_.word();
      return read_when();
    }
    if (in_.done()) return refuse(where, "at= or when is missing");
    return read_rest(kOfPlace);
  }

  /// Options up to the end.
  bool read_rest(std::string_view known) {
    while (!in_.done())
      if (!read_option(measure_.event, known)) return false;
    return true;
  }

  bool read_option(Event& event, std::string_view known) {
    const Location where = in_.here();
    const std::string name = in_.word();
    if (!is_listed(name, known))
      return refuse(where, fmt::format("'{}' has no place here; what can follow is {}",
                                       name, known));
    if (name == "rise" || name == "fall" || name == "cross")
      return read_count(event, name);
    double value = 0.0;
    if (name == "val") return expect('=') && read_expression(event.level, false);
    if (!expect('=') || !read_number(value)) return false;
    if (name == "at") event.at = value;
    if (name == "td") event.delay = value;
    if (name == "from") measure_.from = value;
    if (name == "to") measure_.to = value;
    return true;
  }

  bool read_count(Event& event, std::string_view edge) {
    event.edge = edge == "rise"   ? Event::Edge::Rise
                 : edge == "fall" ? Event::Edge::Fall
                                  : Event::Edge::Any;
    if (!expect('=')) return false;
    if (in_.peek_word() == "last") {
      in_.word();
      event.count = Event::kLast;
      return true;
    }
    double count = 0.0;
    const Location where = in_.here();
    if (!read_number(count)) return false;
    if (count < 1.0 || count > 1e9 || count != std::floor(count))
      return refuse(where, fmt::format("{} counts from 1, or is 'last'", edge));
    event.count = static_cast<int>(count);
    return true;
  }

  TextScanner in_;
  const NameScope& scope_;
  Diagnostics& diagnostics_;
  Measure measure_;
};

}  // namespace

const char* analysis_name(Measure::Analysis analysis) {
  switch (analysis) {
    case Measure::Analysis::Op:
      return "op";
    case Measure::Analysis::Dc:
      return "dc";
    case Measure::Analysis::Tran:
      break;
  }
  return "tran";
}

std::optional<Measure> parse_measure(const TextCommand& command, const NameScope& scope,
                                     Diagnostics& diagnostics) {
  return MeasureReader(command, scope, diagnostics).read();
}

}  // namespace arrayspice
