// SPDX-License-Identifier: Apache-2.0
#include "netlists/arrays/reset_line.hpp"

namespace arrayspice {

void reset_clock(const ArraySpec& spec, NetlistSink& sink) {
  sink.source({"Vrst"}, {"rst"}, kGroundName,
              step(spec.supply.voltage, 0.0, reset_end(spec), spec.timing.edge));
}

void charge_amplifier(const ArraySpec& spec, const ArrayGeometry& at, std::int64_t j,
                      NetlistSink& sink) {
  const Name input = at.sense(j), output = at.output(j);
  sink.capacitor({"Cfeedback", j}, input, output, spec.sense.feedback_capacitance);
  sink.device({"Srst", j}, {input, output, {"rst"}, kGroundName}, "contact", {});
  sink.amplifier({"amp", j}, input, output);
}

}  // namespace arrayspice
