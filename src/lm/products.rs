//! Products of rows of small whole numbers with a row of inputs, for the registers that a processor has.
//!
//! In: rows of weights, and inputs so small that a sum of products fits into 32 bits. Out: for each row the sum, which is the same whatever it is worked
//! out with. Not obvious: several rows go through the inputs together, so that these are fetched once for all of them.

/// Who works products out.
pub(super) trait Products: Copy {
    /// Of some rows the sum of the products with the inputs; wraps around for numbers that are too large.
    fn of<const ROWS: usize, const N: usize>(self, rows: &[[i8; N]; ROWS], inputs: &[i16; N]) -> [i32; ROWS];
}

/// On any processor, as the compiler has it.
#[derive(Clone, Copy)]
pub(super) struct Portable;

impl Products for Portable {
    #[inline(always)]
    fn of<const ROWS: usize, const N: usize>(self, rows: &[[i8; N]; ROWS], inputs: &[i16; N]) -> [i32; ROWS] {
        let product = |(&weight, &input): (&i8, &i16)| i32::from(weight) * i32::from(input);
        rows.each_ref().map(|row| row.iter().zip(inputs).map(product).fold(0i32, i32::wrapping_add))
    }
}

/// On x86-64 processors of level 3: sixteen products in two instructions.
#[cfg(target_arch = "x86_64")]
impl Products for pulp::x86::V3 {
    #[inline(always)]
    fn of<const ROWS: usize, const N: usize>(self, rows: &[[i8; N]; ROWS], inputs: &[i16; N]) -> [i32; ROWS] {
        let mut sums: [pulp::i32x8; ROWS] = [pulp::cast([0i32; 8]); ROWS];
        for at in 0..N / 16 {
            let part = pulp::cast(inputs.as_chunks::<16>().0[at]);
            // by number, so that the sums stay in registers
            for row in 0..ROWS {
                let weights = self.convert_i8x16_to_i16x16(pulp::cast(rows[row].as_chunks::<16>().0[at]));
                let products = self.multiply_wrapping_add_adjacent_i16x16(weights, part);
                sums[row] = pulp::cast(self.wrapping_add_u32x8(pulp::cast(sums[row]), pulp::cast(products)));
            }
        }
        let mut out = [0i32; ROWS];
        for row in 0..ROWS {
            let lanes: [i32; 8] = pulp::cast(sums[row]);
            out[row] = lanes.iter().fold(0, |sum, lane| sum.wrapping_add(*lane));
            for (&weight, &input) in rows[row].as_chunks::<16>().1.iter().zip(inputs.as_chunks::<16>().1) {
                out[row] = out[row].wrapping_add(i32::from(weight) * i32::from(input));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look drawn.
    fn rows<const ROWS: usize, const N: usize>() -> ([[i8; N]; ROWS], [i16; N]) {
        let drawn = |at: usize| crate::lm::hash_word(&at.to_string()).to_le_bytes();
        let row = |row: usize| std::array::from_fn(|at| i8::from_le_bytes([drawn(row * N + at)[0]]));
        (std::array::from_fn(row), std::array::from_fn(|at| i16::from_le_bytes([drawn(at)[1], drawn(at)[2]])))
    }

    fn all_agree<const ROWS: usize, const N: usize>() {
        let (rows, inputs) = rows::<ROWS, N>();
        let one = |row: &[i8; N]| row.iter().zip(&inputs).map(|(&a, &b)| i64::from(a) * i64::from(b)).sum::<i64>();
        let expected = rows.each_ref().map(|row| i32::try_from(one(row)).unwrap());
        assert_eq!(Portable.of(&rows, &inputs), expected);
        #[cfg(target_arch = "x86_64")]
        if let Some(wide) = pulp::x86::V3::try_new() {
            assert_eq!(wide.of(&rows, &inputs), expected);
        }
    }

    #[test]
    fn products_are_the_same_for_all_registers() {
        all_agree::<1, 0>();
        all_agree::<1, 64>();
        all_agree::<8, 448>();
        all_agree::<3, 37>();
    }
}
