#pragma once

#include <Eigen/Core>

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <utility>

namespace eucv::nn {

namespace detail {

// The processor's own square root, correctly rounded. Eigen's goes through an estimate that differs between makers of
// processors, and that g++ 12 warns about with AVX-512.
template <class Native>
EIGEN_ALWAYS_INLINE Native exact_sqrt(const Native& lanes) {
  return Eigen::internal::psqrt(lanes);
}
#ifdef EIGEN_VECTORIZE_SSE
EIGEN_ALWAYS_INLINE __m128 exact_sqrt(const __m128& lanes) {
  return _mm_sqrt_ps(lanes);
}
EIGEN_ALWAYS_INLINE __m128d exact_sqrt(const __m128d& lanes) {
  return _mm_sqrt_pd(lanes);
}
#endif
#ifdef EIGEN_VECTORIZE_AVX
EIGEN_ALWAYS_INLINE __m256 exact_sqrt(const __m256& lanes) {
  return _mm256_sqrt_ps(lanes);
}
EIGEN_ALWAYS_INLINE __m256d exact_sqrt(const __m256d& lanes) {
  return _mm256_sqrt_pd(lanes);
}
#endif
#ifdef EIGEN_VECTORIZE_AVX512
EIGEN_ALWAYS_INLINE __m512 exact_sqrt(const __m512& lanes) {
  return _mm512_maskz_sqrt_ps(0xffff, lanes);
}
EIGEN_ALWAYS_INLINE __m512d exact_sqrt(const __m512d& lanes) {
  return _mm512_maskz_sqrt_pd(0xff, lanes);
}
#endif

} // namespace detail

/// As many scalars as one register of this processor holds: 4, 8 or 16 floats, 1 where there is no such register.
///
/// A thin value over Eigen's packets, so that a kernel is written once for SSE2, AVX2, AVX-512 and NEON. Functions made
/// for Backend::map() are written against it and plain scalars alike: operators, sqrt() and zero_unless_positive().
template <std::floating_point Scalar>
struct packet {
  using native = typename Eigen::internal::packet_traits<Scalar>::type;
  static constexpr std::size_t size = Eigen::internal::unpacket_traits<native>::size;

  native value;

  packet() = default;
  EIGEN_ALWAYS_INLINE explicit packet(const native& lanes) : value(lanes) {}
  /// The same scalar in all lanes.
  EIGEN_ALWAYS_INLINE explicit packet(Scalar scalar) requires(!std::same_as<native, Scalar>)
      : value(Eigen::internal::pset1<native>(scalar)) {}

  /// Reads size scalars, wherever they lie.
  [[nodiscard]] static EIGEN_ALWAYS_INLINE packet load(const Scalar* from) {
    return packet(Eigen::internal::ploadu<native>(from));
  }
  /// One scalar from memory to all lanes.
  [[nodiscard]] static EIGEN_ALWAYS_INLINE packet broadcast(const Scalar* from) {
    return packet(Eigen::internal::pset1<native>(*from));
  }
  EIGEN_ALWAYS_INLINE void store(Scalar* to) const { Eigen::internal::pstoreu(to, value); }

  friend EIGEN_ALWAYS_INLINE packet operator+(packet a, packet b) {
    return packet(Eigen::internal::padd(a.value, b.value));
  }
  friend EIGEN_ALWAYS_INLINE packet operator-(packet a, packet b) {
    return packet(Eigen::internal::psub(a.value, b.value));
  }
  friend EIGEN_ALWAYS_INLINE packet operator*(packet a, packet b) {
    return packet(Eigen::internal::pmul(a.value, b.value));
  }
  friend EIGEN_ALWAYS_INLINE packet operator/(packet a, packet b) {
    return packet(Eigen::internal::pdiv(a.value, b.value));
  }
  friend EIGEN_ALWAYS_INLINE packet sqrt(packet a) { return packet(detail::exact_sqrt(a.value)); }

  /// a * b + c, in one rounding where the processor can.
  [[nodiscard]] static EIGEN_ALWAYS_INLINE packet multiply_add(packet a, packet b, packet c) {
    return packet(Eigen::internal::pmadd(a.value, b.value, c.value));
  }
  /// Lane by lane: a where `left` < `right` or `left` is not a number, else b.
  [[nodiscard]] static EIGEN_ALWAYS_INLINE packet where_less_or_nan(std::pair<packet, packet> compared, packet a,
                                                                    packet b) {
    const native nan = Eigen::internal::pcmp_lt_or_nan(compared.second.value, compared.second.value);
    const native less = Eigen::internal::pcmp_lt(compared.first.value, compared.second.value);
    return packet(Eigen::internal::pselect(Eigen::internal::por(less, nan), a.value, b.value));
  }
  friend EIGEN_ALWAYS_INLINE packet zero_unless_positive(packet condition, packet passed) {
    const native zero = Eigen::internal::pzero(passed.value);
    return packet(Eigen::internal::pselect(Eigen::internal::pcmp_le(condition.value, zero), zero, passed.value));
  }
  // g++ 12 takes the undefined operand of AVX-512's intrinsics for a fault, and an attribute of packets for lost.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
  /// Exchanges rows and columns of a square: lane j of square[i] becomes lane i of square[j].
  static EIGEN_ALWAYS_INLINE void transpose(std::array<packet, size>& square) {
    Eigen::internal::PacketBlock<native, static_cast<int>(size)> block;
    for (std::size_t i = 0; i < size; ++i) block.packet[i] = square[i].value;
    Eigen::internal::ptranspose(block);
    for (std::size_t i = 0; i < size; ++i) square[i].value = block.packet[i];
  }
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
  /// Sum of the lanes, always in the same order.
  [[nodiscard]] EIGEN_ALWAYS_INLINE Scalar sum() const {
    return Eigen::internal::predux(value);
  }
};

/// Calls function(std::integral_constant<std::size_t, i>) for i in [0, count), unrolled at any level of optimisation:
/// only then do arrays of packets stay in registers.
template <std::size_t count, class Function>
EIGEN_ALWAYS_INLINE void unroll(Function&& function) {
  [&]<std::size_t... i>(std::index_sequence<i...>) __attribute__((always_inline)) {
    (function(std::integral_constant<std::size_t, i>{}), ...);
  }
  (std::make_index_sequence<count>{});
}

/// Number of packet registers of this processor.
inline constexpr std::size_t packet_registers = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS;

} // namespace eucv::nn
