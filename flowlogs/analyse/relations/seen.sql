SELECT * FROM $source WHERE $window
