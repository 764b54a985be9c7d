// SPDX-License-Identifier: Apache-2.0
// Waveform files: the exact SPICE3 header, the numbers in every format, read back by
// ngspice and numpy where they are installed.
#include <gmock/gmock.h>

#include <cstring>
#include <vector>

#include "program.hpp"

namespace arrayspice {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kSweep =
    "sweep title\nv1 a 0 1\ni1 0 b 1m\nr1 a b 1k\nr2 b 0 2k\n.dc v1 0 1 0.5\n.end\n";

TEST(RawFile, HeaderIsTheOneOfSpice3) {
  const ScratchFolder scratch;
  const std::string out = (scratch / "o.raw").string();
  ASSERT_EQ(simulate(kSweep, "-q -o " + out).code, 0);
  const std::string text = read_text(out);
  EXPECT_THAT(text, StartsWith("Title: sweep title\nDate: "));
  for (const char* line :
       {"\nPlotname: DC transfer characteristic\nFlags: real\nNo. Variables: 4\nNo. "
        "Points: 3",
        "\nCommand: arrayspice ",
        "\nVariables:\n\t0\tv-sweep\tvoltage\n\t1\tv(a)\tvoltage\n\t2\tv(b)\tvoltage\n"
        "\t3\ti(v1)\tcurrent\nBinary:\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

// v(b) = (v1 / r1 + i1) r1 r2 / (r1 + r2) = (2 v1 + 2) / 3
TEST(RawFile, BinaryPointsFollowTheHeaderAndNothingFollowsThem) {
  const ScratchFolder scratch;
  const std::string out = (scratch / "o.raw").string();
  ASSERT_EQ(simulate(kSweep, "-q -o " + out).code, 0);
  const std::string text = read_text(out);
  const std::string data = text.substr(text.find("Binary:\n") + 8);
  ASSERT_EQ(data.size(), 3 * 4 * sizeof(double));
  std::vector<double> values(12);
  std::memcpy(values.data(), data.data(), data.size());
  for (int k = 0; k < 3; ++k) {
    EXPECT_DOUBLE_EQ(values[4 * k], 0.5 * k);
    EXPECT_NEAR(values[4 * k + 2], (2.0 * 0.5 * k + 2.0) / 3.0, 1e-14);
  }
}

TEST(RawFile, NgspiceLoadsBothKinds) {
  if (run_shell("ngspice --version").code != 0)
    GTEST_SKIP() << "ngspice is not installed";
  for (const std::string format : {"raw", "raw-ascii"}) {
    const ScratchFolder scratch;
    const std::string out = (scratch / "o.raw").string();
    ASSERT_EQ(simulate(kSweep, "-q -o " + out + " --format " + format).code, 0);
    const std::string deck = scratch.write(
        "load.cir", "* load\n.control\nload " + out +
                        "\nset numdgt=12\nprint v(b)[2] i(v1)[2]\n.endc\n.end\n");
    const auto result = run_shell("ngspice -b " + deck);
    EXPECT_THAT(result.out, HasSubstr("1.3333333333")) << format << result.err;
  }
}

TEST(RawFile, PlotsOfSeveralAnalysesAreAppended) {
  const ScratchFolder scratch;
  const std::string out = (scratch / "o.raw").string();
  ASSERT_EQ(
      simulate("t\nv1 a 0 1\nr1 a 0 1k\n.op\n.dc v1 0 1 0.5\n.end\n", "-q -o " + out)
          .code,
      0);
  const std::string text = read_text(out);
  const std::size_t second = text.find("Title: t", 1);
  ASSERT_NE(second, std::string::npos);
  EXPECT_THAT(text.substr(second), HasSubstr("DC transfer"));
}

TEST(RawFile, SaveRestrictsWhatIsWritten) {
  const ScratchFolder scratch;
  const std::string out = (scratch / "o.raw").string();
  ASSERT_EQ(simulate("t\nv1 a 0 1\nr1 a 0 1k\n.save i(v1) @r1[i]\n.dc v1 0 1 0.5\n.end\n",
                     "-q -o " + out)
                .code,
            0);
  EXPECT_THAT(read_text(out),
              HasSubstr("Variables:\n\t0\tv-sweep\tvoltage\n\t1\ti(v1)\tcurrent\n"
                        "\t2\t@r1[i]\tcurrent\nBinary"));
}

TEST(CsvFile, HasTheRecordTheNamesAndAllDigits) {
  const ScratchFolder scratch;
  const std::string out = (scratch / "o.csv").string();
  ASSERT_EQ(simulate(kSweep, "-q -o " + out).code, 0);
  const std::string text = read_text(out);
  EXPECT_THAT(text, HasSubstr("# arrayspice "));
  EXPECT_THAT(text, HasSubstr("crc32"));
  EXPECT_THAT(text, HasSubstr("\nv-sweep,v(a),v(b),i(v1)\n"));
  EXPECT_THAT(text, HasSubstr("\n5.0000000000000000e-01,5.0000000000000000e-01,"));
}

TEST(NpzFile, NumpyReadsIt) {
  const ScratchFolder scratch;
  const std::string out = (scratch / "o.npz").string();
  ASSERT_EQ(simulate(kSweep, "-q -o " + out).code, 0);
  const std::string script =
      scratch.write("read.py", "import numpy as np, json\nf = np.load('" + out +
                                   "')\nprint('%.12f' % f['v(b)'][2], "
                                   "json.loads(bytes(f['meta.json']))['title'])\n");
  const auto result = run_shell("/usr/bin/python3 " + script);
  EXPECT_THAT(result.out, HasSubstr("1.333333333333 sweep title")) << result.err;
}

TEST(WaveformFile, FailedRunLeavesNone) {
  const ScratchFolder scratch;
  const std::string out = (scratch / "o.raw").string();
  // exp(v) = -1 has no solution
  const auto result =
      simulate("t\nb1 a 0 i=exp(v(a))\ni1 a 0 1\n.op\n.end\n", "-o " + out);
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(scratch.files(), 0u);
}

}  // namespace
}  // namespace arrayspice
