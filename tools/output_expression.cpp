// SPDX-License-Identifier: Apache-2.0
#include "tools/output_expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "netlists/messages.hpp"
#include "tools/all_results.hpp"

namespace arrayspice {

namespace {

std::string without_blanks(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t'; });
  return text;
}

/// The type of an expression that is one plain quantity.
const char* type_of(const Program& program, const ProbeTable& probes) {
  const auto code = program.code();
  const bool is_plain = code.size() == 1 && code[0].op == Program::Op::Input;
  return is_plain ? probes[static_cast<std::size_t>(code[0].a)].type : "notype";
}

}  // namespace

std::optional<Program> compile_output(const Expression& expression,
                                      const NameScope& scope,
                                      const ResolveReference& resolve,
                                      Diagnostics& diagnostics) {
  Diagnostics of_compiler;  // says the same as ours, without what would be right
  const std::size_t before = diagnostics.errors();
  auto program = expression.compile(
      scope,
      [&](const Reference& r) { return resolve(r, expression.where(), diagnostics); },
      of_compiler);
  if (!program && diagnostics.errors() == before)
    for (const Diagnostic& d : of_compiler.all())
      diagnostics.error({d.code, ""}, d.where, d.text);
  return program;
}

std::optional<OutputExpression> compile_output(const TextScanner::Part& part,
                                               const NameScope& scope, ProbeTable& probes,
                                               Diagnostics& diagnostics) {
  const auto expression = Expression::parse(part.text, part.where, diagnostics);
  if (!expression) return std::nullopt;
  auto program = compile_output(
      *expression, scope,
      [&](const Reference& r, Location where, Diagnostics& d) {
        return probes.add(r, where, d);
      },
      diagnostics);
  if (!program) return std::nullopt;
  const char* type = type_of(*program, probes);
  return OutputExpression{without_blanks(part.text), type, std::move(*program)};
}

std::vector<OutputExpression> all_outputs(const Circuit& circuit, ProbeTable& probes) {
  const AllResults all(circuit);
  std::vector<OutputExpression> outputs;
  for (std::size_t k = 0; k < all.size(); ++k) {
    const Column column = all.column(k);
    const std::int32_t input =
        probes.add({.a = all.unknown(k), .name = column.name, .type = column.type});
    outputs.push_back(
        {column.name, column.type, Program({{Program::Op::Input, input}}, input + 1)});
  }
  return outputs;
}

std::optional<OutputCommand> read_output_command(const TextCommand& command,
                                                 const Netlist& netlist,
                                                 ProbeTable& probes,
                                                 Diagnostics& diagnostics) {
  TextScanner in(command.text, command.where);
  OutputCommand read{.where = command.where};
  const std::string name = in.word();
  const std::string word = in.peek_word();
  if (word == "op" || word == "dc" || word == "tran") {
    read.analysis = in.word();
  } else if (name == ".print" && (word == "ac" || word == "noise")) {
    diagnostics.error(
        message::kUnsupported, in.here(),
        fmt::format("analysis '{}' is not supported; op, dc and tran are", word));
    return std::nullopt;
  }
  bool good = true;
  while (!in.done()) {
    const auto part = in.expression();
    if (part.text == "all" || part.text == "allv" || part.text == "alli") {
      const std::string_view type = part.text == "allv"   ? "voltage"
                                    : part.text == "alli" ? "current"
                                                          : "";
      for (auto& output : all_outputs(*netlist.circuit, probes))
        if (type.empty() || type == output.type)
          read.outputs.push_back(std::move(output));
      continue;
    }
    auto output = compile_output(part, *netlist.parameters, probes, diagnostics);
    good = good && output;
    if (output) read.outputs.push_back(std::move(*output));
  }
  if (good && read.outputs.empty()) {
    diagnostics.error(
        message::kOutput, command.where,
        fmt::format("{} names nothing; the form is {} v(node) i(source) ...", name,
                    name));
    good = false;
  }
  return good ? std::optional(std::move(read)) : std::nullopt;
}

}  // namespace arrayspice
