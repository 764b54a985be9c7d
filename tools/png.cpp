// SPDX-License-Identifier: Apache-2.0
// PNG (ISO/IEC 15948): a signature, then chunks of length, type, data and CRC-32 of type
// and data, big-endian. Every row of the picture starts with its filter byte, 0 for none.
#include "tools/png.hpp"

#include <zlib.h>

#include <cassert>

namespace arrayspice {

namespace {

void put_big_endian(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 0xff);
}

void put_chunk(std::string& out, std::string_view type, std::string_view data) {
  put_big_endian(out, static_cast<std::uint32_t>(data.size()));
  std::string body(type);
  body += data;
  out += body;
  put_big_endian(out, static_cast<std::uint32_t>(::crc32_z(
                          0, reinterpret_cast<const Bytef*>(body.data()), body.size())));
}

std::string deflated(const std::string& bytes) {
  uLongf size = ::compressBound(bytes.size());
  std::string out(size, '\0');
  [[maybe_unused]] const int status = ::compress2(
      reinterpret_cast<Bytef*>(out.data()), &size,
      reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), Z_BEST_COMPRESSION);
  assert(status == Z_OK);
  out.resize(size);
  return out;
}

}  // namespace

std::string png_bytes(std::uint32_t width, std::uint32_t height,
                      const std::vector<Colour>& pixels) {
  assert(pixels.size() == std::size_t{width} * height);
  std::string header;
  put_big_endian(header, width);
  put_big_endian(header, height);
  header.append({'\x08', '\x02', '\0', '\0', '\0'});  // 8 bit, RGB
  std::string rows;
  for (std::size_t k = 0; k < pixels.size(); ++k) {
    if (k % width == 0) rows += '\0';
    for (const std::uint8_t channel : pixels[k]) rows += static_cast<char>(channel);
  }
  std::string png("\x89PNG\r\n\x1a\n", 8);
  put_chunk(png, "IHDR", header);
  put_chunk(png, "IDAT", deflated(rows));
  put_chunk(png, "IEND", "");
  return png;
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t k = 0; k < bytes.size(); k += 3) {
    const auto byte = [&](std::size_t n) {
      return k + n < bytes.size() ? static_cast<unsigned char>(bytes[k + n]) : 0u;
    };
    const std::uint32_t group = byte(0) << 16 | byte(1) << 8 | byte(2);
    for (int digit = 0; digit < 4; ++digit)
      out += k + digit > bytes.size() ? '=' : kDigits[group >> (18 - 6 * digit) & 63];
  }
  return out;
}

}  // namespace arrayspice
